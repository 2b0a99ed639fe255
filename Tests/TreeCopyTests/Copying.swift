import SystemCalls
import TestSupport
import TreeCopy

extension Path {
    init(_ path: ByteString) { self.init(path.bytes) }
}

/// Copies one root with two workers unless `change` says otherwise.
@discardableResult
func copyTree(
    _ source: ByteString, to destination: ByteString, publication: Publication = .inPlace,
    _ change: (inout CopyOptions) -> Void = { _ in }
) -> CopyReport {
    var options = CopyOptions()
    options.workers = 2
    change(&options)
    let path = Path(destination)
    let root = CopyRoot(
        source: Path(source), directory: path.parent, name: path.lastComponent, publication: publication)
    return CopyEngine(CopyRequest(roots: [root], options: options)).copy()
}

/// What a comparison of two trees on disk finds.
func difference(
    _ first: ByteString, _ second: ByteString, ignoring: Set<Aspect> = [], including: Set<Aspect> = []
) throws -> [String] {
    TreeSnapshot.difference(
        try TreeSnapshot(of: first), try TreeSnapshot(of: second), ignoring: ignoring, including: including)
}

/// The inode's metadata as the engine's own wrapper reads it; for short paths.
func metadata(_ path: ByteString) throws -> Metadata {
    try Directory.current.metadata(of: Name(path.bytes), following: false)
}

/// A variable of the environment that chooses what tests run on.
func environment(_ name: ByteString) -> String? {
    Command.inheritedEnvironment[name].map { String(decoding: $0.bytes, as: UTF8.self) }
}

/// Random trees: some that are always the same, and one that nobody has seen before. `SEED=n` runs that alone.
enum Seeds {
    static let all: [UInt64] =
        environment("SEED").flatMap { UInt64($0) }.map { [$0] } ?? [1, 2, 3, .random(in: 4...1 << 40)]
    static let first: [UInt64] = Array(all.prefix(1))
}
