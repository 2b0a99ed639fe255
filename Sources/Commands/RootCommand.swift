import ArgumentParser
import SystemCalls

/// The commands. `cp` is here to be documented: its options are GNU's and not ArgumentParser's to parse.
struct RootCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "repot",
        abstract: "Moves a Nix closure, roots and all, into a smaller pot.",
        usage: """
            repot [cp] [OPTION]... SOURCE... DEST
            repot closure ROOT...
            repot stage ROOT... DEST
            repot tar ROOT... [-o FILE]
            repot image ROOT... -o WHERE
            repot docker-build ROOT... [-- ARGUMENT...]
            repot verify DEST
            """,
        discussion: """
            Without a subcommand repot is cp: parallel, and faithful like 'cp -a'. 'repot cp --help' lists \
            its options.
            """,
        version: Version.text,
        subcommands: [
            CopyPage.self, ClosureCommand.self, Stage.self, Archive.self, ImageCommand.self, DockerBuild.self,
            Verify.self,
        ])

    /// The names of all commands, `cp` first.
    static var commandNames: [String] { configuration.subcommands.map { $0._commandName } }

    /// Parses, runs and returns the exit status.
    static func status(_ arguments: [String]) -> Int32 {
        if arguments == ["help", "cp"] {
            return print(CopyCommand(.repot).help, to: .output) ? 0 : 1
        }
        do {
            try run(arguments)
            return 0
        } catch let code as ExitCode {
            return code.rawValue
        } catch {
            let code = exitCode(for: error)
            // Help, completions and the manual contain no text from outside.
            if code.isSuccess { return print(fullMessage(for: error), to: .output) ? 0 : 1 }
            return print(errorMessage(error, arguments), to: .error) ? code.rawValue : 1
        }
    }

    private static func print(_ text: String, to stream: Console.Stream) -> Bool {
        Console.writeUnescaped((text + "\n").utf8, to: stream)
    }

    /// The message of an error and the usage of the command. The message repeats arguments, among which may be names
    /// from a shell's patterns; for arguments with characters that control a terminal it is that of their escapes.
    private static func errorMessage(_ error: any Error, _ arguments: [String]) -> String {
        let escaped = arguments.map(\.printable)
        if escaped == arguments { return fullMessage(for: error) }
        do { try run(escaped, parsingOnly: true) } catch { return fullMessage(for: error) }
        return fullMessage(for: error).printable
    }

    private static func run(_ arguments: [String], parsingOnly: Bool = false) throws {
        let isBuild = arguments.first == DockerBuild._commandName
        let words = isBuild ? arguments.prefix { $0 != "--" } : arguments[...]
        if let command = configuration.subcommands.first(where: { $0._commandName == words.first }) {
            try ScalarOptions.requireOnce(words.dropFirst(), of: command)
        }
        var command = try parseAsRoot(Array(words))
        if var build = command as? DockerBuild {
            build.builderArguments = Array(arguments[words.endIndex...].dropFirst())
            command = build
        }
        if !parsingOnly { try command.run() }
    }
}

/// The version of the program.
enum Version {
    static let parts = (name: "repot", version: "0.1.0")
    static var text: String { "\(parts.name) \(parts.version)" }
}
