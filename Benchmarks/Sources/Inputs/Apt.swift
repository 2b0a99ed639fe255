import Glibc
import TestSupport

/// Debian's package tool, asked as if nothing were installed here.
struct Apt {
    private static let emptyMachine: [ByteString] = ["-o", "Dir::State::status=/dev/null"]

    /// Where packages are kept once they are fetched.
    let archives: ByteString

    /// Which of these packages the release has. Lists of packages are fetched where there are none.
    func offered(_ names: [String]) throws -> Set<String> {
        for attempt in 0...1 {
            let offered = try records(names).map(\.name)
            if !offered.isEmpty { return Set(offered) }
            if attempt == 0 { try update() }
        }
        throw TestError("apt knows none of \(names.joined(separator: ", ")): see that 'apt-get update' succeeds")
    }

    /// These packages and all that they depend on.
    func packages(for names: [String]) throws -> [DebianPackage] {
        let plan = try Self.succeed(["apt-get", "-s", "-qq"] + install(names)).outputText.split(separator: "\n")
        let chosen = plan.filter { $0.hasPrefix("Inst ") }.map { String($0.split(separator: " ")[1]) }
        return try records(chosen)
    }

    /// What could not be fetched, in apt's words. Lists of last month may name what the release has no more.
    struct NotFetched: Error, CustomStringConvertible {
        let reason: any Error
        var description: String { "\(reason)" }
    }

    /// Fetches what is not there yet; apt checks it.
    func fetch(_ names: [String]) throws {
        try Command.succeed(["mkdir", "-p", archives / "partial"])
        do { try Self.succeed(["apt-get", "-y", "-qq", "--download-only"] + install(names)) } catch {
            throw NotFetched(reason: error)
        }
    }

    /// Fetches the lists of packages anew.
    func update() throws { try Self.succeed(["apt-get", "-qq", "update"]) }

    /// As root does all of this, the user whom apt would fetch as need not get at the archives.
    private func install(_ names: [String]) -> [ByteString] {
        let folder: [ByteString] = ["-o", "Dir::Cache::archives=" + archives, "-o", "APT::Sandbox::User=root"]
        return Self.emptyMachine + folder + ["--no-install-recommends", "install"] + names.map { ByteString($0) }
    }

    /// What is known of these packages, in no order; nothing of those that do not exist.
    private func records(_ names: [String]) throws -> [DebianPackage] {
        let command = ["apt-cache"] + Self.emptyMachine + ["show", "--no-all-versions"]
        let text = try Self.run(command + names.map { ByteString($0) }).outputText
        return Self.paragraphs(text).compactMap { DebianPackage($0) }
    }

    private static func paragraphs(_ text: String) -> [Substring] {
        var paragraphs: [Substring] = []
        var start = text.startIndex
        for line in text.split(separator: "\n", omittingEmptySubsequences: false) where line.isEmpty {
            paragraphs.append(text[start..<line.startIndex])
            start = line.endIndex
        }
        return paragraphs + [text[start...]]
    }

    private static func run(_ command: [ByteString]) throws -> CommandResult {
        var environment = Command.inheritedEnvironment
        environment["LC_ALL"] = "C"
        environment["DEBIAN_FRONTEND"] = "noninteractive"
        return try Command.run(command, environment: environment, timeout: .seconds(1800))
    }

    @discardableResult
    private static func succeed(_ command: [ByteString]) throws -> CommandResult {
        let result = try run(command)
        if result.status == 0 { return result }
        throw TestError("\(command.map(\.description).joined(separator: " ")): \(result.errorText)")
    }
}
