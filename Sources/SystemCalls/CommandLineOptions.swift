import CLinux
import Glibc

/// An option as getopt_long(3) knows it.
package struct OptionRule: Sendable {
    package enum Argument: Int32, Sendable { case none, required, optional }

    package let letter: Character?
    package let name: String?
    package let argument: Argument
    /// What the option means to its caller; unique in a table, except that synonyms share it.
    package let identifier: Int

    package init(_ letter: Character?, _ name: String?, _ argument: Argument, _ identifier: Int) {
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
        var vector = [strdup(program)] + arguments.map { strdup(Name($0).cString) } + [nil]
        let names = rules.map { $0.name.map { strdup($0) } }
        var table = zip(rules, names).compactMap { rule, name in
            name.map { clinux_option(name: $0, argument: rule.argument.rawValue, value: Int32(rule.identifier)) }
        }
        table.append(clinux_option())
        return read(&vector, letters(of: rules), table, rules)
    }

    private static func read(
        _ vector: inout [UnsafeMutablePointer<CChar>?], _ letters: String, _ table: [clinux_option],
        _ rules: [OptionRule]
    ) -> Parsed? {
        var parsed = Parsed()
        let count = Int32(vector.count - 1)
        var index: Int32 = 1
        while true {
            var argument: UnsafePointer<CChar>?
            let value = clinux_getopt(count, &vector, letters, table, &argument, &index)
            if value == -1 { break }
            if value == Int32(UInt8(ascii: "?")) { return nil }
            parsed.options.append((identifier(value, rules), argument.map(bytes)))
        }
        parsed.operands = vector[Int(index)..<Int(count)].compactMap { $0.map { Path(bytes($0)) } }
        return parsed
    }

    /// getopt answers with the letter for a short option, and with the table's value for a long one.
    private static func identifier(_ value: Int32, _ rules: [OptionRule]) -> Int {
        let rule = rules.first { $0.letter?.asciiValue.map(Int32.init) == value }
        return rule?.identifier ?? Int(value)
    }

    private static func letters(of rules: [OptionRule]) -> String {
        rules.compactMap { rule in
            rule.letter.map { String($0) + String(repeating: ":", count: Int(rule.argument.rawValue)) }
        }.joined()
    }
}

private func bytes(_ string: UnsafePointer<CChar>) -> [UInt8] {
    UnsafeBufferPointer(start: string, count: strlen(string)).map { UInt8(bitPattern: $0) }
}
