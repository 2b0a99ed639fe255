import CLinux
import Glibc

/// The options of a program, in the form that getopt_long(3) reads.
package struct OptionTable: ~Copyable {
    package enum Argument: Int32, Sendable { case none, required, optional }

    /// The maximum number of names, and of letters. `clinux_getopt` accepts no more names.
    private static let capacity = 127
    // The options are in plain memory, and strings are not passed to C directly, which makes an array: the first array
    // of a type costs 15 µs at run time.
    fileprivate let names = UnsafeMutablePointer<clinux_option>.allocate(capacity: capacity + 1)
    fileprivate let letters = UnsafeMutablePointer<CChar>.allocate(capacity: 3 * capacity + 1)
    private var nameCount = 0
    private var letterCount = 0

    package init() {
        names[0] = clinux_option()
        letters[0] = 0
    }

    deinit {
        for index in 0..<nameCount { free(UnsafeMutableRawPointer(mutating: names[index].name)) }
        names.deallocate()
        letters.deallocate()
    }

    /// Adds a short option, for which getopt returns the letter.
    package mutating func add(letter: UInt8, _ argument: Argument) {
        precondition(letterCount < 3 * (Self.capacity - 1))
        letters[letterCount] = CChar(bitPattern: letter)
        // getopt expects one colon for an argument, and two for an optional one.
        for colon in 0..<Int(argument.rawValue) {
            letters[letterCount + 1 + colon] = CChar(bitPattern: UInt8(ascii: ":"))
        }
        letterCount += 1 + Int(argument.rawValue)
        letters[letterCount] = 0
    }

    /// Adds a long option, for which getopt returns the number.
    package mutating func add(name: String, _ argument: Argument, _ number: Int) {
        precondition(nameCount < Self.capacity)
        names[nameCount] = clinux_option(
            name: name.withCString { strdup($0) }, argument: argument.rawValue, value: Int32(number))
        nameCount += 1
        names[nameCount] = clinux_option()
    }
}

/// The program's arguments, as the C entry point received them.
package enum ProgramArguments {
    /// Copies `count` C strings; a missing vector gives an empty list.
    package static func read(
        _ count: Int32, _ vector: UnsafePointer<UnsafeMutablePointer<CChar>?>?
    ) -> [Path] {
        UnsafeBufferPointer(start: vector, count: vector == nil ? 0 : Int(count)).compactMap { argument in
            argument.map { Path(bytes($0)) }
        }
    }
}

/// Options and operands as getopt_long(3) reads them: combined letters, abbreviated names, options after operands,
/// `--` and POSIXLY_CORRECT follow the C library, and so do its messages.
package enum CommandLineOptions {
    /// Parses the arguments that follow the program's name, calls `handle` with each option in turn, and returns the
    /// operands. Returns nil after getopt has printed an error.
    /// Call once, before there are other threads: getopt keeps its state in global variables.
    ///
    /// - Parameter handle: takes the letter or the number of an option, and its argument.
    package static func parse<Problem: Error>(
        _ table: borrowing OptionTable, program: String, _ arguments: [Path],
        _ handle: (Int32, Path?) throws(Problem) -> Void
    ) throws(Problem) -> [Path]? {
        var words = ArgumentVector(program, arguments)
        while let option = words.next(table) {
            if option == ArgumentVector.error {
                // The arguments may be names from a shell's pattern, and getopt prints them as they are.
                var printable = ArgumentVector(program, arguments.map { Path($0.description.printable) })
                while let option = printable.next(table, printsErrors: true), option != ArgumentVector.error {}
                return nil
            }
            try handle(option, words.argument)
        }
        return words.operands
    }
}

/// The arguments in the form that getopt_long(3) reads and sorts.
private struct ArgumentVector: ~Copyable {
    static let error = Int32(UInt8(ascii: "?"))

    private let count: Int
    private let vector: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>
    private var index: Int32 = 0
    /// The argument of the last option.
    private(set) var argument: Path?

    init(_ program: String, _ arguments: [Path]) {
        count = arguments.count + 1
        vector = UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>.allocate(capacity: count + 1)
        vector[0] = program.withCString { strdup($0) }
        for (index, argument) in arguments.enumerated() { vector[index + 1] = strdup(Name(argument).cString) }
        vector[count] = nil
    }

    deinit {
        // getopt changes the order of the strings in the vector, but not the strings.
        for index in 0..<count { free(vector[index]) }
        vector.deallocate()
    }

    /// The next option, or `error`; nil after the last one.
    mutating func next(_ table: borrowing OptionTable, printsErrors: Bool = false) -> Int32? {
        var found: UnsafePointer<CChar>?
        let option = clinux_getopt(
            Int32(count), vector, table.letters, table.names, &found, &index, printsErrors ? 1 : 0)
        argument = found.map { Path(bytes($0)) }
        return option == -1 ? nil : option
    }

    /// The operands, after the last option.
    var operands: [Path] {
        (Int(index)..<count).compactMap { index in vector[index].map { Path(bytes($0)) } }
    }
}

private func bytes(_ string: UnsafePointer<CChar>) -> [UInt8] {
    UnsafeBufferPointer(start: string, count: strlen(string)).map { UInt8(bitPattern: $0) }
}
