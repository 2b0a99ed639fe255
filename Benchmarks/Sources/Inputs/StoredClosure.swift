import Measuring
import TestSupport

/// A closure kept as an archive of its physical root, beside a list of what is in it.
///
/// The archive is not compressed: so it is laid in half the time that unpacking one of zstd takes, and in less than
/// copying a tree.
package struct StoredClosure: Sendable {
    /// Another number than that of any other way to keep one.
    static let layout = 2

    let closure: Workload.Closure
    let content: TreeContent
    let archive: ByteString

    /// Nil when there is none.
    init?(at folder: ByteString) throws {
        guard let text = TextFile.read(Self.list(folder).description) else { return nil }
        let lines = text.split(separator: "\n")
        guard let root = lines.first, let numbers = lines.dropFirst().first, let content = TreeContent(numbers)
        else { throw TestError("not a list of a closure", path: Self.list(folder)) }
        let paths = lines.dropFirst(2).map { ByteString(String($0)) }
        closure = Workload.Closure(root: ByteString(String(root)), paths: paths)
        self.content = content
        archive = Self.archive(folder)
    }

    /// Lays the physical root at `path`, where nothing is yet.
    func lay(at path: ByteString) throws {
        try Command.succeed(["mkdir", "-p", path])
        try Command.succeed(["tar", "-C", path, "-b", Self.record, "-xpf", archive])
    }

    /// What tar reads and writes at a time, as blocks of 512 bytes.
    private static let record: ByteString = "2048"

    private static func archive(_ folder: ByteString) -> ByteString { folder / "root.tar" }
    private static func list(_ folder: ByteString) -> ByteString { folder / "closure.txt" }
}

extension StoredClosure {
    /// Builds it in a folder that is there for nothing else.
    static func build(_ recipe: ClosureRecipe, _ expression: ClosureExpression, in folder: ByteString) throws {
        let root = folder / "root"
        let source = folder / "closure.nix"
        try TextFile.write(expression.text, to: source.description)
        try Command.succeed(["mkdir", "-p", root / "nix/var/nix/gcroots"])
        let nix = PrivateNix(root: root)
        // Whatever no root leads to goes: the derivations.
        let link: ByteString = "/nix/var/nix/gcroots/closure"
        let tops = try nix.run(["nix-build", source, "--out-link", link])
        try nix.run(["nix-store", "--gc"])
        guard let top = tops.last else { throw TestError("nix-build printed no path") }
        let paths = try nix.run(["nix-store", "--query", "--requisites", top]).sorted()
        try Command.succeed(["rm", "-rf", "--", root / "nix/var/log"])

        let content = try TreeContent(of: root / "nix/store")
        try check(recipe, content, paths: paths.count)
        let lines = [top.description, content.line] + paths.map(\.description)
        try TextFile.write(lines.joined(separator: "\n") + "\n", to: list(folder).description)
        try pack(root, to: archive(folder))
    }

    private static func check(_ recipe: ClosureRecipe, _ content: TreeContent, paths: Int) throws {
        let amount = ClosureRecipe.Amount(paths: paths, files: content.files, bytes: content.bytes)
        if amount.covers(recipe.minimum) { return }
        let remedy = "add packages to it in ClosureRecipe.swift"
        throw TestError("the closure '\(recipe.name)' has \(amount) instead of \(recipe.minimum): \(remedy)")
    }

    private static func pack(_ root: ByteString, to archive: ByteString) throws {
        let format: [ByteString] = ["--format=posix", "--numeric-owner", "--sort=name", "-b", record]
        try Command.succeed(["tar", "-C", root] + format + ["-cf", archive, "."])
        try Command.succeed(["rm", "-rf", "--", root])
    }
}
