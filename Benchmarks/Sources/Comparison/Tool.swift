import Glibc
import TestSupport

/// A program that a contender needs.
struct Tool: Sendable, Hashable {
    /// Its name in PATH, or its path.
    let program: String
    /// The Debian package that has it; nil when it is of our own making.
    let package: String?

    init(_ program: String, package: String? = nil) {
        (self.program, self.package) = (program, package)
    }

    /// Whether it can be run.
    var isThere: Bool {
        if program.contains("/") { return access(program, X_OK) == 0 }
        let folders = getenv("PATH").map { String(cString: $0) } ?? "/usr/bin:/bin"
        return folders.split(separator: ":").contains { access("\($0)/\(program)", X_OK) == 0 }
    }
}

/// The programs at hand, and those that apt can add to them.
final class Equipment {
    private var obstacles: [Tool: String?] = [:]
    private var isUpdated = false

    /// Why this program cannot be had, after an attempt to install it; nil when it is there.
    func obstacle(to tool: Tool) -> String? {
        if let known = obstacles[tool] { return known }
        let obstacle = tool.isThere ? nil : install(tool)
        obstacles[tool] = .some(obstacle)
        return obstacle
    }

    private func install(_ tool: Tool) -> String? {
        guard let package = tool.package else { return "there is no \(tool.program)" }
        guard OrdinaryUser.isRoot else { return "not installed, and installing \(package) needs root" }
        guard Tool("apt-get").isThere else { return "not installed, and there is no apt-get to fetch \(package)" }
        do {
            if !isUpdated { try apt("update", "-qq") }
            isUpdated = true
            try apt("install", "-qq", "-y", "--no-install-recommends", ByteString(package))
            return tool.isThere ? nil : "\(package) is installed but has no \(tool.program)"
        } catch {
            return "cannot install \(package): \(error)"
        }
    }

    private func apt(_ arguments: ByteString...) throws {
        let quiet: [ByteString] = ["env", "DEBIAN_FRONTEND=noninteractive", "apt-get"]
        let result = try Command.run(quiet + arguments, timeout: .seconds(300))
        let complaint = result.errorText.split(separator: "\n").last.map(String.init) ?? "\(result.ending)"
        if result.status != 0 { throw TestError(complaint) }
    }
}
