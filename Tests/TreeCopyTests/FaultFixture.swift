import FileTree
import SystemCalls
import TestSupport
import TreeCopy

/// A folder with a small tree of every kind of entry, and room for copies of it.
struct FaultFixture {
    let scratch: Scratch
    var source: ByteString { scratch / "tree" }
    var target: ByteString { scratch / "to" }
    var copy: ByteString { target / "tree" }

    /// In memory unless said otherwise: the loop makes a thousand copies.
    init(in parent: ByteString? = nil) throws {
        scratch = try parent.map { try Scratch(in: $0) } ?? FaultFixture.memory()
        try TreeBuilder.build(at: target) { _ in }
        try TreeBuilder.build(at: source, Self.fill)
    }

    private static func memory() throws -> Scratch {
        try FileSystemMatrix.require(.tmpfs)?.scratch() ?? Scratch()
    }

    private static let old = TestSupport.Timestamp(seconds: 1_000_000_000, nanoseconds: 123_456_789)

    private static func fill(_ tree: TreeBuilder) throws {
        tree.root(Attributes(mode: 0o750, modified: old))
        try tree.file("small", .pattern(size: 700), Attributes(mode: 0o444, modified: old))
        try tree.file("large", .pattern(size: 300_000), Attributes(mode: 0o755, modified: old))
        try tree.file("empty", .empty, Attributes(mode: 0o600, modified: old))
        try tree.file("sparse", .sparse(length: 900_000, data: [65536..<131_072]), Attributes(modified: old))
        try tree.file("attributed", .text("x"), Attributes(modified: old, extended: ["user.colour": [1, 2]]))
        try tree.file(
            "listed", .text("y"), Attributes(modified: old, accessList: .allowing(user: 7, .read)))
        try tree.hardLink("deep/er/second", to: "small")
        try tree.symbolicLink("symlink", to: "nowhere", Attributes(modified: old))
        try tree.fifo("fifo", Attributes(mode: 0o640, modified: old))
        try tree.file("closed/inside", .text("z"), Attributes(mode: 0o444, modified: old))
        try tree.directory("closed", Attributes(mode: 0o555, modified: old))
        try tree.directory("deep/er", Attributes(mode: 0o700, modified: old))
        try tree.directory("deep", Attributes(mode: 0o711, modified: old, extended: ["user.shape": [3]]))
    }

    func request(_ publication: Publication, _ options: CopyOptions) -> CopyRequest {
        CopyRequest(
            roots: [
                CopyRoot(
                    source: Path(source), directory: Path(target), name: "tree",
                    publication: publication)
            ], options: options)
    }

    /// The names of temporary things in the target.
    func leftovers() throws -> [String] {
        try Listing.names(Path(target)).filter { $0.hasPrefix(".repot-") }
    }

    /// Empties the target, whatever the modes in it.
    func clear() throws {
        let directory = try Directory.current.openDirectory(Name(Path(target)), [])
        var removal = FileTree.TreeRemoval()
        for name in try Listing.names(Path(target)) { try removal.remove(Name(name), in: directory) }
    }

    /// Sweeps the target as a later run would.
    func sweep() throws {
        let directory = try Directory.current.openDirectory(Name(Path(target)), [])
        try StagingArea(directory).sweep()
    }
}

/// The entries of a folder, sorted; empty where there is no such folder.
enum Listing {
    static func names(_ path: Path) throws -> [String] {
        guard let directory = try? Directory.current.openDirectory(Name(path), []) else { return [] }
        var entries = DirectoryEntries(capacity: 32768)
        var names: [String] = []
        while try entries.read(from: directory) {
            entries.forEach { names.append(String(decoding: $0.name.bytes, as: UTF8.self)) }
        }
        return names.sorted()
    }
}

extension CopyOptions {
    /// One worker makes the order of the system calls the same every time.
    static func single(_ strategy: StrategyChoice) -> CopyOptions {
        var options = CopyOptions()
        options.strategy = strategy
        options.workers = 1
        return options
    }
}
