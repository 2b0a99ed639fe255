import ArgumentParser
import SystemCalls

/// What the executable runs.
public enum EntryPoint {
    /// Runs the command that the arguments name and ends the process with its exit status: 0 all done, 1
    /// something was not, 64 wrong usage, 130 interrupted.
    public static func main() -> Never {
        ProcessState.raiseDescriptorLimit()
        exitProcess(status())
    }

    private static func status() -> Int32 {
        let invocation = Invocation(CommandLine.arguments)
        // cp is ended by a reader that has had enough.
        if case .copy(.gnu, _) = invocation {} else { Console.ignoreBrokenPipes() }
        switch invocation {
        case .copy(let personality, let dropping):
            return CopyCommand(personality, dropping: dropping).run()
        case .other(let arguments):
            guard let wrong = CommandLineOptions.firstThatIsNoText else { return RootCommand.status(arguments) }
            Console.line("repot: \(wrong.quoted) is not UTF-8, which only cp takes: give it another name", to: .error)
            return 64
        }
    }
}

/// What the words on the command line ask for.
enum Invocation: Equatable {
    /// What ArgumentParser answers beside the subcommands; the last two are for the completions and the manual.
    private static let otherWords = [
        "help", "--help", "-h", "--version", "--generate-completion-script", "--experimental-dump-help",
    ]

    /// cp, and how many words come before its options, the program's name not counted.
    case copy(CopyPersonality, dropping: Int)
    case other([String])

    /// `cp` is meant when the program is called so, and when the first word is no other subcommand, so that
    /// a script changes by one word.
    init(_ arguments: [String]) {
        let program = Path(arguments.first ?? "repot").lastComponent
        let word = arguments.dropFirst().first
        let others = RootCommand.configuration.subcommands.map { $0._commandName } + Self.otherWords
        if program == "cp" {
            self = .copy(.gnu, dropping: 0)
        } else if word == "cp" {
            self = .copy(.repot, dropping: 1)
        } else if let word, !others.contains(word) {
            self = .copy(.repot, dropping: 0)
        } else {
            self = .other(Array(arguments.dropFirst()))
        }
    }
}

/// Whose defaults and words cp has.
enum CopyPersonality: Equatable {
    /// Keeps everything, like `cp -a`, and replaces symlinks below a destination.
    case repot
    /// GNU cp.
    case gnu

    var program: String { self == .gnu ? "cp" : "repot" }
}
