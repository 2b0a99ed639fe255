import SystemCalls
import TreeCopy

/// Asks on the terminal before a file is overwritten, and reads the answer from standard input.
struct Prompt: Sendable {
    let program: String

    /// The end of the input and a signal mean no.
    func confirms(_ question: Question) -> Bool {
        Console.prompt(text(question))
        guard let first = Console.readLine()?.first, Interrupt.signal == nil else { return false }
        return first == UInt8(ascii: "y") || first == UInt8(ascii: "Y")
    }

    private func text(_ question: Question) -> String {
        let path = question.path.quoted
        if question.isWritable { return "\(program): overwrite \(path)? " }
        let digits = String(question.mode, radix: 8)
        let mode = String(repeating: "0", count: max(0, 4 - digits.count)) + digits
        let letters = ModeText(question.mode).letters
        return question.isReplaced
            ? "\(program): replace \(path), overriding mode \(mode) (\(letters))? "
            : "\(program): unwritable \(path) (mode \(mode), \(letters)); try anyway? "
    }
}

/// Permission bits as ls(1) shows them.
struct ModeText {
    let letters: String

    init(_ mode: UInt32) {
        var letters: [Character] = []
        for shift in [6, 3, 0] as [UInt32] {
            let bits = mode >> shift & 7
            letters += [bits & 4 != 0 ? "r" : "-", bits & 2 != 0 ? "w" : "-", bits & 1 != 0 ? "x" : "-"]
        }
        for (bit, place, mark) in [(0o4000, 2, "s"), (0o2000, 5, "s"), (0o1000, 8, "t")] as [(UInt32, Int, String)]
        where mode & bit != 0 {
            letters[place] = Character(letters[place] == "x" ? mark : mark.uppercased())
        }
        self.letters = String(letters)
    }
}
