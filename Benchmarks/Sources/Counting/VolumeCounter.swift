import TestSupport

/// Counts the bytes that a strategy writes, by byte of content.
struct VolumeCounter {
    /// About what files of closures have, in whole pages.
    private static let fileSize = 32 << 10
    private static let files = 1000

    let strategy: Strategy
    let program: Program

    /// Nothing where the file system cannot be had, or has no disk to write to.
    func counts() throws -> [Count] {
        guard strategy.fileSystem != .tmpfs, let field = try Field(strategy.fileSystem, Self.build) else { return [] }
        let bytes = try field.withPlace { copy in
            let source = field.sources / "tree"
            let bytes = try program.bytesWritten(strategy.arguments(workers: 2, from: source, to: copy))
            try strategy.check(copy, of: source)
            return bytes
        }
        let share = Double(bytes) / Double(Self.files * Self.fileSize)
        return [Count("\(strategy.name) bytes written a byte", share, .share)]
    }

    private static func build(_ path: ByteString) throws {
        try TreeBuilder.build(at: path / "tree") { tree in
            for index in 0..<files {
                try tree.file("\(index / 20)/\(index)", .pattern(size: fileSize, seed: UInt64(index)))
            }
        }
    }
}
