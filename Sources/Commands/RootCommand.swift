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

    /// Parses, runs and returns the exit status.
    static func status(_ arguments: [String]) -> Int32 {
        if arguments == ["help", "cp"] {
            return Console.line(CopyCommand(.repot, dropping: 0).help, to: .output) ? 0 : 1
        }
        do {
            var command = try parseAsRoot(arguments)
            try command.run()
            return 0
        } catch let code as ExitCode {
            return code.rawValue
        } catch {
            let code = exitCode(for: error)
            let stream: Console.Stream = code.isSuccess ? .output : .error
            return Console.line(fullMessage(for: error), to: stream) ? code.rawValue : 1
        }
    }
}

/// The version of the program.
enum Version {
    static let parts = (name: "repot", version: "0.1.0")
    static var text: String { "\(parts.name) \(parts.version)" }
}
