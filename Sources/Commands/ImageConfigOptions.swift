import ArgumentParser
import Image
import JSON
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

    @Option(help: ArgumentHelp("Where it starts: an absolute path.", valueName: "dir"))
    var workdir: String?

    @Option(help: ArgumentHelp("A label of the image.", valueName: "name=value"))
    var label: [String] = []

    @Option(help: ArgumentHelp("A port it listens on: NUMBER[/tcp, /udp or /sctp].", valueName: "port"))
    var expose: [String] = []

    @Option(help: ArgumentHelp("A folder with data of its own.", valueName: "dir"))
    var volume: [String] = []

    @Option(help: ArgumentHelp("The signal that asks it to end, such as SIGINT.", valueName: "signal"))
    var stopSignal: String?

    /// Any of them.
    var isGiven: Bool {
        [entrypoint, cmd, user, workdir, stopSignal].contains { $0 != nil }
            || ![env, label, expose, volume].allSatisfy(\.isEmpty)
    }

    mutating func validate() throws {
        for pair in env + label where !ConfigurationRule.variable.holds(for: pair) {
            throw ValidationError("--env and --label take \(ConfigurationRule.variable.words), not '\(pair)'")
        }
        for command in [entrypoint, cmd] {
            if let command, CommandWords(command) == nil {
                throw ValidationError(
                    "--entrypoint and --cmd take a path or a JSON array of strings without NUL, not '\(command)'")
            }
        }
        for text in env + label + volume + [user, workdir].compactMap(\.self)
        where text.unicodeScalars.contains(where: Self.endsLine) {
            throw ValidationError("--env, --label, --volume, --user and --workdir take one line, not '\(text)'")
        }
        for directory in volume where !ConfigurationRule.folder.holds(for: directory) {
            throw ValidationError("--volume takes \(ConfigurationRule.folder.words), not '\(directory)'")
        }
        if let workdir, !ConfigurationRule.folder.holds(for: workdir) {
            throw ValidationError("--workdir takes \(ConfigurationRule.folder.words), not '\(workdir)'")
        }
        if let user, !ConfigurationRule.user.holds(for: user) {
            throw ValidationError("--user takes \(ConfigurationRule.user.words), not '\(user)'")
        }
        if let stopSignal, !ConfigurationRule.signal.holds(for: stopSignal) {
            throw ValidationError("--stop-signal takes \(ConfigurationRule.signal.words), not '\(stopSignal)'")
        }
        for port in expose where !ConfigurationRule.port.holds(for: port) {
            throw ValidationError("--expose takes \(ConfigurationRule.port.words), not '\(port)'")
        }
    }

    private static func endsLine(_ scalar: Unicode.Scalar) -> Bool { scalar == "\n" || scalar == "\r" }

    /// With paths into the closure in the place of ways to it.
    func config(in store: Store, _ closure: Closure) throws -> ImageConfiguration {
        var config = ImageConfiguration()
        config.entrypoint = try words(entrypoint, store, closure)
        config.command = try words(cmd, store, closure)
        (config.environment, config.user, config.workingDirectory) = (env, user, workdir)
        (config.labels, config.ports, config.volumes) = (label, expose, volume)
        config.stopSignal = stopSignal
        return config
    }

    private func words(_ text: String?, _ store: Store, _ closure: Closure) throws -> [String] {
        guard let text, let words = CommandWords(text)?.words, let first = words.first else { return [] }
        guard first.startsWithBytes(of: "./") || first.startsWithBytes(of: "../") else { return words }
        return ["\(try closure.path(of: Path(first), in: store))"] + words.dropFirst()
    }
}

/// The words of a command: one that is a path, or those of a JSON array of strings.
struct CommandWords: Equatable {
    let words: [String]

    init?(_ text: String) {
        guard text.startsWithBytes(of: "[") else {
            if text.isEmpty { return nil }
            words = [text]
            return
        }
        let elements = (try? JSONReader.value(of: Array(text.utf8)))?.elements ?? []
        let words = elements.compactMap(\.string)
        guard !words.isEmpty, words.count == elements.count, !words.contains(where: { $0.utf8.contains(0) }) else {
            return nil
        }
        self.words = words
    }
}
