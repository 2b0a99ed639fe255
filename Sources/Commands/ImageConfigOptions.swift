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

    @Option(help: ArgumentHelp("Where it starts.", valueName: "dir"))
    var workdir: String?

    @Option(help: ArgumentHelp("A label of the image.", valueName: "name=value"))
    var label: [String] = []

    @Option(help: ArgumentHelp("A port it listens on: NUMBER[/tcp or /udp].", valueName: "port"))
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
        for pair in env + label where !pair.dropFirst().contains("=") || pair.hasPrefix("=") {
            throw ValidationError("--env and --label take NAME=VALUE, not '\(pair)'")
        }
        for command in [entrypoint, cmd] {
            if let command, CommandWords(command) == nil {
                throw ValidationError("--entrypoint and --cmd take a path or a JSON array of strings, not '\(command)'")
            }
        }
        for text in env + label + volume + [user, workdir].compactMap(\.self)
        where text.unicodeScalars.contains(where: Self.endsLine) {
            throw ValidationError("--env, --label, --volume, --user and --workdir take one line, not '\(text)'")
        }
        for folder in volume where !folder.hasPrefix("/") {
            throw ValidationError("--volume takes an absolute path, not '\(folder)'")
        }
        if let stopSignal, !Self.isSignal(stopSignal) {
            throw ValidationError(
                "--stop-signal takes a name such as SIGTERM, or a number from 1 to 64, not '\(stopSignal)'")
        }
        for port in expose where !Self.isPort(port) {
            throw ValidationError("--expose takes a number from 1 to 65535, with /tcp or /udp, not '\(port)'")
        }
    }

    private static func endsLine(_ scalar: Unicode.Scalar) -> Bool { scalar == "\n" || scalar == "\r" }

    /// Sources: OCI image specification, config.md, 'StopSignal'; signal(7).
    private static func isSignal(_ text: String) -> Bool {
        if let number = Int(text) { return (1...64).contains(number) }
        let names = Set(
            ("HUP INT QUIT ILL TRAP ABRT BUS FPE KILL USR1 SEGV USR2 PIPE ALRM TERM STKFLT CHLD CONT STOP TSTP TTIN TTOU URG "
                + "XCPU XFSZ VTALRM PROF WINCH IO PWR SYS RTMIN RTMAX").split(separator: " ").map { "SIG\($0)" })
        let parts = text.split(separator: text.hasPrefix("SIGRTMIN") ? "+" : "-", omittingEmptySubsequences: false)
        guard let name = parts.first, names.contains(String(name)) else { return false }
        if parts.count == 1 { return true }
        return name.hasPrefix("SIGRTM") && parts.count == 2 && Int(parts[1]).map { (1...30).contains($0) } ?? false
    }

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
        (config.labels, config.ports, config.volumes) = (label, expose, volume)
        config.stopSignal = stopSignal
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
        let elements = (try? JSONReader.value(of: Array(text.utf8)))?.elements ?? []
        let words = elements.compactMap(\.string)
        guard !words.isEmpty, words.count == elements.count else { return nil }
        self.words = words
    }
}
