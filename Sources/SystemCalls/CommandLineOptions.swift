import CLinux
import Glibc

/// An option as getopt_long(3) knows it.
package struct OptionRule: Sendable {
    package enum Argument: Int32, Sendable { case none, required, optional }

    /// An ASCII letter.
    package let letter: UInt8?
    package let name: String?
    package let argument: Argument
    /// What the option means to its caller; unique in a table, except that synonyms share it.
    package let identifier: Int

    package init(_ letter: UInt8?, _ name: String?, _ argument: Argument, _ identifier: Int) {
        self.letter = letter
        self.name = name
        self.argument = argument
        self.identifier = identifier
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
    package struct Parsed: Sendable {
        package var options: [(identifier: Int, argument: [UInt8]?)] = []
        package var operands: [Path] = []
    }

    /// Parses the arguments that follow the program's name. Returns nil after getopt has printed an error.
    /// Call once, before there are other threads: getopt keeps its state in global variables.
    package static func parse(_ rules: [OptionRule], program: String, _ arguments: [Path]) -> Parsed? {
        // Plain memory: an array of each of these types costs the runtime more than the parsing.
        let vector = UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>.allocate(capacity: arguments.count + 2)
        let table = UnsafeMutablePointer<clinux_option>.allocate(capacity: rules.count + 1)
        defer {
            vector.deallocate()
            table.deallocate()
        }
        vector[0] = strdup(program)
        for (index, argument) in arguments.enumerated() { vector[index + 1] = strdup(Name(argument).cString) }
        vector[arguments.count + 1] = nil
        var named = 0
        for rule in rules {
            guard let name = rule.name else { continue }
            table[named] = clinux_option(
                name: strdup(name), argument: rule.argument.rawValue, value: Int32(rule.identifier))
            named += 1
        }
        table[named] = clinux_option()
        return read(Int32(arguments.count + 1), vector, letters(of: rules), table, rules)
    }

    private static func read(
        _ count: Int32, _ vector: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>, _ letters: [CChar],
        _ table: UnsafePointer<clinux_option>, _ rules: [OptionRule]
    ) -> Parsed? {
        var parsed = Parsed()
        var index: Int32 = 1
        while true {
            var argument: UnsafePointer<CChar>?
            let value = clinux_getopt(count, vector, letters, table, &argument, &index)
            if value == -1 { break }
            if value == Int32(UInt8(ascii: "?")) { return nil }
            parsed.options.append((identifier(value, rules), argument.map(bytes)))
        }
        while index < count {
            if let operand = vector[Int(index)] { parsed.operands.append(Path(bytes(operand))) }
            index += 1
        }
        return parsed
    }

    /// getopt answers with the letter for a short option, and with the table's value for a long one.
    private static func identifier(_ value: Int32, _ rules: [OptionRule]) -> Int {
        rules.first { $0.letter.map(Int32.init) == value }?.identifier ?? Int(value)
    }

    /// The letters as getopt takes them, each followed by a colon for an argument and by two for an optional one.
    private static func letters(of rules: [OptionRule]) -> [CChar] {
        var letters: [CChar] = []
        for rule in rules {
            guard let letter = rule.letter else { continue }
            letters.append(CChar(bitPattern: letter))
            for _ in 0..<rule.argument.rawValue { letters.append(CChar(bitPattern: UInt8(ascii: ":"))) }
        }
        return letters + [0]
    }
}

private func bytes(_ string: UnsafePointer<CChar>) -> [UInt8] {
    UnsafeBufferPointer(start: string, count: strlen(string)).map { UInt8(bitPattern: $0) }
}
