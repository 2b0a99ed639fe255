import NixClosure
import Rootfs
import StoreFixture
import SystemCalls
import TestSupport
import TreeCopy

extension FakeStore {
    /// What is to be staged: these store paths, and symlinks as PATH and TARGET.
    func spec(
        _ paths: [Path] = all, to destination: ByteString = "out", links: [(Path, Path)] = []
    ) throws -> RootfsSpec {
        let closure = Closure(paths.compactMap { StorePath(baseName: $0.lastComponent) })
        var spec = RootfsSpec(store: store, closure: closure, destination: Path(scratch / destination))
        spec.additions.symlinks = links.compactMap { RootfsSymlink(path: $0, target: $1) }
        return spec
    }

    /// A store path whose hash part is one letter; the name is the letter, too, unless another one is given.
    static func path(_ digit: Character, _ name: String? = nil) -> Path {
        Path("/nix/store/\(String(repeating: digit, count: 32))-\(name ?? String(digit))")
    }

    /// Adds a store path of that name, whose hash part is one letter.
    func add(_ digit: Character, _ name: String, _ build: (TreeBuilder) throws -> Void) throws -> Path {
        let path = Self.path(digit, name)
        try TreeBuilder.build(at: root / ByteString(path.bytes), build)
        return path
    }

    /// What the root file system holds.
    func contents(_ paths: [Path], _ additions: RootfsAdditions) throws -> RootfsContents {
        let closure = Closure(paths.compactMap { StorePath(baseName: $0.lastComponent) })
        return try RootfsContents(store: store, closure: closure, additions)
    }

    /// Stages with two workers.
    @discardableResult
    func stage(_ spec: RootfsSpec) throws -> CopyReport {
        var spec = spec
        spec.workers = 2
        return Stager(try RootfsPlan(spec)).stage { CopyEngine($0).copy() }
    }
}

/// The inode as the kernel knows it, for what a run must not touch.
struct InodeState: Hashable {
    let path: ByteString
    let inode: UInt64
    let changed: SystemCalls.Timestamp
    let modified: SystemCalls.Timestamp

    /// All entries of a tree.
    static func all(below root: ByteString) throws -> Set<InodeState> {
        let listing = try Command.succeed(["find", root, "-print0"]).output.split(separator: 0)
        return Set(
            try listing.map { path in
                let metadata = try metadata(ByteString(Array(path)))
                return InodeState(
                    path: ByteString(Array(path)), inode: metadata.identity.inode, changed: metadata.changed,
                    modified: metadata.modified)
            })
    }
}

/// The entry itself, not what it links to.
func metadata(_ path: ByteString) throws -> Metadata {
    try Directory.current.metadata(of: Name(path.bytes), following: false)
}

/// The names in a directory.
func names(_ path: ByteString) throws -> [String] {
    try Command.succeed(["ls", "-A", path]).outputText.split(separator: "\n").map(String.init)
}

/// All of a file.
func content(_ path: ByteString) throws -> [UInt8] { try Directory.current.readInput(Name(path.bytes)) }
