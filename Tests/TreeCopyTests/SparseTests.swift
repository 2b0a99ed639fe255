import TestSupport
import Testing
import TreeCopy

/// Holes made, kept and filled, whatever the file system could share.
@Suite struct SparseTests {
    private static let kinds: [FileSystemKind] = [.ext4, .xfs, .btrfs, .tmpfs]
    private static let length = 1 << 20

    private func build(_ path: ByteString) throws {
        try TreeBuilder.build(at: path) { tree in
            try tree.file("holes", .sparse(length: Self.length, data: [262_144..<300_000]))
            try tree.file("zeros", .bytes([UInt8](repeating: 0, count: Self.length)))
            try tree.file("mixed", .bytes([1] + [UInt8](repeating: 0, count: 100_000) + [2]))
            try tree.file("dense", .pattern(size: 300_000))
            try tree.file("odd tail", .bytes([UInt8](repeating: 9, count: 4096) + [UInt8](repeating: 0, count: 10)))
        }
    }

    @Test(arguments: kinds, [Sparse.auto, .always, .never])
    func holesAreAsAskedFor(kind: FileSystemKind, sparse: Sparse) throws {
        guard let system = try FileSystemMatrix.require(kind) else { return }
        let scratch = try system.scratch()
        try build(scratch / "source")
        let report = copyTree(scratch / "source", to: scratch / "copy") { $0.sparse = sparse }
        #expect(report.errors == [])
        #expect(try difference(scratch / "source", scratch / "copy", ignoring: sparse == .auto ? [] : [.holes]) == [])
        let copy = try TreeSnapshot(of: scratch / "copy")
        switch sparse {
        case .auto: break
        case .always:
            // XFS tells of whole folios, up to 64 KiB.
            #expect(copy["holes"]?.extents.first.map { $0.lowerBound == 262_144 && $0.upperBound <= 327_680 } == true)
            #expect(copy["zeros"]?.extents == [] && copy["zeros"]?.allocated == 0)
            #expect(copy["mixed"]?.extents == [0..<4096, 98304..<102_400])
            #expect(copy["odd tail"]?.extents == [0..<4096])
        case .never:
            let files = copy.paths.dropFirst()
            #expect(files.allSatisfy { copy[$0]?.extents.first?.lowerBound == 0 && copy[$0]?.extents.count == 1 })
        }
    }
}
