import ArgumentParser
import Image
import NixClosure
import SystemCalls

/// What an image runs, and how.
struct ImageConfigOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "The program: a path, or a JSON array of words. ./result/... leads into the closure.", valueName: "command")
    )
    var entrypoint: String?

    @Option(help: ArgumentHelp("Its arguments, or the program where there is no entrypoint.", valueName: "command"))
    var cmd: String?

    @Option(help: ArgumentHelp("A variable of its environment.", valueName: "name=value"))
    var env: [String] = []

    @Option(help: ArgumentHelp("Whom it runs as: USER[:GROUP].", valueName: "user"))
    var user: String?

    @Option(help: ArgumentHelp("Where it starts.", valueName: "dir"))
    var workdir: String?

    @Option(help: ArgumentHelp("A label of the image.", valueName: "name=value"))
    var label: [String] = []

    @Option(help: ArgumentHelp("A port it listens on: NUMBER[/tcp or /udp].", valueName: "port"))
    var expose: [String] = []

    /// Any of them.
    var isGiven: Bool {
        [entrypoint, cmd, user, workdir].contains { $0 != nil } || ![env, label, expose].allSatisfy(\.isEmpty)
    }

    mutating func validate() throws {
        for pair in env + label where !pair.dropFirst().contains("=") || pair.hasPrefix("=") {
            throw ValidationError("--env and --label take NAME=VALUE, not '\(pair)'")
        }
        for command in [entrypoint, cmd] {
            if let command, CommandWords(command) == nil {
                throw ValidationError("--entrypoint and --cmd take a path or a JSON array of strings, not '\(command)'")
            }
        }
        for text in env + label + [user, workdir].compactMap(\.self)
        where text.unicodeScalars.contains(where: Self.endsLine) {
            throw ValidationError("--env, --label, --user and --workdir take one line, not '\(text)'")
        }
        for port in expose where !Self.isPort(port) {
            throw ValidationError("--expose takes a number from 1 to 65535, with /tcp or /udp, not '\(port)'")
        }
    }

    private static func endsLine(_ scalar: Unicode.Scalar) -> Bool { scalar == "\n" || scalar == "\r" }

    private static func isPort(_ text: String) -> Bool {
        let parts = text.split(separator: "/", omittingEmptySubsequences: false)
        guard let number = parts.first.flatMap({ UInt16($0) }), number > 0 else { return false }
        return parts.count == 1 || (parts.count == 2 && ["tcp", "udp", "sctp"].contains(parts[1]))
    }

    /// With paths into the closure in the place of ways to it.
    func config(in store: Store, _ closure: Closure) throws -> ImageConfiguration {
        var config = ImageConfiguration()
        config.entrypoint = try words(entrypoint, store, closure)
        config.command = try words(cmd, store, closure)
        (config.environment, config.user, config.workingDirectory) = (env, user, workdir)
        (config.labels, config.ports) = (label, expose)
        return config
    }

    private func words(_ text: String?, _ store: Store, _ closure: Closure) throws -> [String] {
        guard let text, let words = CommandWords(text)?.words, let first = words.first else { return [] }
        guard first.hasPrefix("./") || first.hasPrefix("../") else { return words }
        let target = try RootResolver(store).resolve(Path(first))
        guard closure.contains(target.storePath) else {
            throw ClosureError.notListed(store.path(of: target.storePath), in: "the closure")
        }
        return ["\(store.path(of: target))"] + words.dropFirst()
    }
}

/// The words of a command: one that is a path, or those of a JSON array of strings.
struct CommandWords: Equatable {
    let words: [String]

    init?(_ text: String) {
        guard text.hasPrefix("[") else {
            if text.isEmpty { return nil }
            words = [text]
            return
        }
        var reader = JSONStrings(text)
        guard let words = reader.array(), !words.isEmpty else { return nil }
        self.words = words
    }
}

/// Reads an array of strings. Source: RFC 8259.
private struct JSONStrings {
    private var rest: Substring.UnicodeScalarView

    init(_ text: String) { rest = Substring(text).unicodeScalars }

    /// nil when the text is anything else, or goes on after it.
    mutating func array() -> [String]? {
        guard take("[") else { return nil }
        var strings: [String] = []
        if !take("]") {
            repeat {
                guard let string = string() else { return nil }
                strings.append(string)
            } while take(",")
            guard take("]") else { return nil }
        }
        skipSpace()
        return rest.isEmpty ? strings : nil
    }

    private mutating func skipSpace() {
        while let next = rest.first, [" ", "\t", "\n", "\r"].contains(next) { rest.removeFirst() }
    }

    private mutating func take(_ scalar: Unicode.Scalar) -> Bool {
        skipSpace()
        guard rest.first == scalar else { return false }
        rest.removeFirst()
        return true
    }

    private mutating func string() -> String? {
        guard take("\"") else { return nil }
        var units: [UInt16] = []
        while let next = rest.popFirst() {
            switch next {
            case "\"": return String(validating: units, as: UTF16.self)
            case "\\":
                guard let unit = escape() else { return nil }
                units.append(unit)
            case _ where next.value < 0x20: return nil
            default: units += Array(String(Character(next)).utf16)
            }
        }
        return nil
    }

    private static let escapes: [Unicode.Scalar: UInt16] = [
        "\"": 0x22, "\\": 0x5c, "/": 0x2f, "b": 8, "f": 12, "n": 10, "r": 13, "t": 9,
    ]

    private mutating func escape() -> UInt16? {
        guard let letter = rest.popFirst() else { return nil }
        guard letter == "u" else { return Self.escapes[letter] }
        let digits = String(String.UnicodeScalarView(rest.prefix(4)))
        guard digits.unicodeScalars.count == 4 else { return nil }
        rest.removeFirst(4)
        return UInt16(digits, radix: 16)
    }
}
