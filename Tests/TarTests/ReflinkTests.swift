import SystemCalls
import Tar
import TestSupport
import Testing

/// Extents that an archive shares with what is in it.
@Suite(.serialized) struct ReflinkTests {
    private func build(_ place: ByteString) throws {
        try TreeBuilder.build(at: place) { tree in
            for number in 0..<20 { try tree.file(ByteString("f\(number)"), .pattern(size: 70_000 + number * 1111)) }
            try tree.file("small", .text("small"))
        }
    }

    @Test(arguments: [FileSystemKind.xfs, .btrfs])
    func alignedFilesAreShared(_ kind: FileSystemKind) throws {
        guard let system = try FileSystemMatrix.require(kind) else { return }
        let scratch = try system.scratch()
        try build(scratch / "tree")
        let report = try archive(scratch / "tree", to: scratch / "a.tar") { $0.aligns = true }
        #expect(report.sharedBytes >= 20 * 65_536)
        _ = try ArchiveReader.gnu.extract(scratch / "a.tar", into: scratch / "back")
        let lines = TreeSnapshot.difference(
            try TreeSnapshot(of: scratch / "tree"), try TreeSnapshot(of: scratch / "back"),
            ignoring: [.times, .rootTimes])
        #expect(lines == [])
    }

    /// Whether extents are shared shows in no byte.
    @Test func theBytesAreThoseOfAnyFileSystem() throws {
        guard let xfs = try FileSystemMatrix.require(.xfs), let ext4 = try FileSystemMatrix.require(.ext4) else {
            return
        }
        let archives = try [xfs, ext4].map { system in
            let scratch = try system.scratch()
            try build(scratch / "tree")
            try archive(scratch / "tree", to: scratch / "a.tar") { $0.aligns = true }
            return try content(scratch / "a.tar")
        }
        #expect(archives[0] == archives[1])
    }
}
