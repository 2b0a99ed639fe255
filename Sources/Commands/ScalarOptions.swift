import ArgumentParser
import JSON
import SystemCalls

/// The options of a command that take one value. ArgumentParser keeps the last value of an option that is given twice.
struct ScalarOptions {
    /// An option that takes a value.
    private struct Option {
        let firstName: String
        let isList: Bool
    }

    /// The options of all commands that take a list of values. They are often given twice, and a look-up in this set
    /// avoids reading a command's description, which takes 2 ms.
    private static let lists: Set = [
        "--closure", "--deny", "--env", "--expose", "--label", "--pin", "--profile", "--prune", "--symlink", "--volume",
    ]

    /// The options by each of their names.
    private var options: [String: Option] = [:]

    /// Refuses a scalar option that is given twice, under any of its names, and prints its name on standard error.
    ///
    /// - Parameter words: the words after the command's name.
    /// - Throws: The exit code for wrong usage.
    static func requireOnce(_ words: ArraySlice<String>, of command: any ParsableCommand.Type) throws {
        let names = words.flatMap(Self.names).filter { !lists.contains($0) }
        // A short name may stand for a long one with the same initial.
        let initials = Set(names.lazy.filter { $0.hasPrefix("--") }.map { "-\($0.dropFirst(2).prefix(1))" })
        if Set(names).count < names.count || !initials.isDisjoint(with: names) {
            try ScalarOptions(of: command).requireOnce(words)
        }
    }

    private init(of command: any ParsableCommand.Type) {
        let description = try? JSONReader.value(of: Array(command._dumpHelp().utf8))
        for argument in description?["command"]?["arguments"]?.elements ?? []
        where argument["kind"]?.string == "option" {
            let names = (argument["names"]?.elements ?? []).compactMap { name in
                name["name"]?.string.map { name["kind"]?.string == "short" ? "-\($0)" : "--\($0)" }
            }
            let isList = argument["isRepeating"] == .bool(true)
            for name in names { options[name] = Option(firstName: names[0], isList: isList) }
        }
    }

    private func requireOnce(_ words: ArraySlice<String>) throws {
        var given: Set<String> = []
        var rest = words
        while let word = rest.popFirst(), word != "--" {
            let found = Self.names(in: word).compactMap { options[$0] }
            for option in found where !option.isList && !given.insert(option.firstName).inserted {
                Console.line("repot: \(option.firstName) takes one value and is given twice; give it once", to: .error)
                throw ExitCode(64)
            }
            // The value is the next word, unless it follows '='.
            let value = word.utf8.drop { $0 != UInt8(ascii: "=") }
            if !found.isEmpty, value.count < 2 { _ = rest.popFirst() }
        }
    }

    /// The names of options in a word, with their dashes: `--output` of `--output=x`, `-q` and `-o` of `-qo`.
    private static func names(in word: String) -> [String] {
        let name = word.prefix { $0 != "=" }
        if name.hasPrefix("--") { return name == "--" ? [] : [String(name)] }
        return name.hasPrefix("-") ? name.dropFirst().map { "-\($0)" } : []
    }
}
