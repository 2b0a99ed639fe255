import Glibc
package import TestSupport

/// Closures that were built once, each in a folder named after all that it is made of.
package struct ClosureCache: Sendable {
    private let folder: ByteString

    private var archives: ByteString { folder / "packages" }

    /// - Parameter folder: by default `$REPOT_BENCHMARK_CACHE`, else a folder in the user's cache.
    package init(folder: ByteString? = nil) {
        self.folder = folder ?? Self.usualFolder
    }

    /// Why no closure can be built here, or nil.
    package static func obstacle() -> String? {
        PrivateNix.obstacle().map { "closures of Nix are left out: \($0)" }
    }

    /// The closure, built if it is not there yet.
    package func closure(_ recipe: ClosureRecipe) throws -> StoredClosure {
        if let obstacle = Self.obstacle() { throw TestError(obstacle) }
        try Command.succeed(["mkdir", "-p", folder])
        let lock = try FolderLock(folder)
        defer { lock.release() }
        let apt = Apt(archives: archives)
        do { return try closure(recipe, from: apt) } catch is Apt.NotFetched {
            try apt.update()
            return try closure(recipe, from: apt)
        }
    }

    private func closure(_ recipe: ClosureRecipe, from apt: Apt) throws -> StoredClosure {
        let set = try PackageSet(recipe, from: apt)
        let expression = ClosureExpression(recipe.name, set, archives: archives)
        let digest = try Self.digest("\(StoredClosure.layout)" + expression.text)
        let place = folder / ByteString("\(recipe.name)-\(digest)")
        if let stored = try StoredClosure(at: place) { return stored }
        try apt.fetch(set.packages.map(\.name))
        return try build(recipe, expression, at: place)
    }

    /// What is half done has another name: it is complete once it has its own.
    private func build(
        _ recipe: ClosureRecipe, _ expression: ClosureExpression, at place: ByteString
    ) throws -> StoredClosure {
        let partial = folder / ByteString("\(recipe.name).partial")
        try Command.succeed(["rm", "-rf", "--", partial])
        try Command.succeed(["mkdir", "-p", partial])
        try StoredClosure.build(recipe, expression, in: partial)
        // What the recipe gave before, such as with the packages of last month.
        let former: [ByteString] = ["-maxdepth", "1", "-name", ByteString("\(recipe.name)-*")]
        try Command.succeed(["find", folder] + former + ["-exec", "rm", "-rf", "--", "{}", "+"])
        try Command.succeed(["mv", "-T", "--", partial, place])
        guard let stored = try StoredClosure(at: place) else { throw TestError("read what was built", path: place) }
        return stored
    }

    private static func digest(_ text: String) throws -> String {
        let result = try Command.run(["sha256sum"], input: Array(text.utf8))
        guard result.status == 0 else { throw TestError("sha256sum: \(result.errorText)") }
        return String(result.outputText.prefix(16))
    }

    private static var usualFolder: ByteString {
        func variable(_ name: String) -> ByteString? {
            getenv(name).map { ByteString(String(cString: $0)) }.flatMap { $0.isEmpty ? nil : $0 }
        }
        if let folder = variable("REPOT_BENCHMARK_CACHE") { return folder }
        let caches = variable("XDG_CACHE_HOME") ?? (variable("HOME") ?? "/root") / ".cache"
        return caches / "repot-benchmarks"
    }
}

/// Keeps other processes from building in the same folder meanwhile; ends with the process at the latest.
private struct FolderLock {
    private let descriptor: Int32

    init(_ folder: ByteString) throws {
        descriptor = open(folder.description, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0, flock(descriptor, LOCK_EX) == 0 else {
            throw TestError("lock", code: errno, path: folder)
        }
    }

    func release() {
        close(descriptor)
    }
}
