import Glibc
import Synchronization
import SystemCalls
import TestSupport
import Testing
import TreeCopy

/// What is asked of the disk before it is needed.
@Suite(.serialized) struct ReadAheadTests {
    private static let files = 50

    /// Files of all small sizes, some of them empty, and a folder and a symlink among them.
    private func build(_ place: ByteString) throws {
        try TreeBuilder.build(at: place) { tree in
            for number in 0..<Self.files {
                try tree.file(ByteString("file-\(number)"), .pattern(size: number * number * 50))
            }
            try tree.directory("folder")
            try tree.symbolicLink("link", to: "file-1")
        }
    }

    /// Out of the page cache; what is not on the disk yet would stay.
    private func evict(_ place: ByteString) throws {
        sync()
        for number in 0..<Self.files {
            let file = try Directory.current.openFile(Name(Path(place / ByteString("file-\(number)"))), [])
            #expect(posix_fadvise(file.raw, 0, 0, POSIX_FADV_DONTNEED) == 0)
        }
    }

    /// How often a copy asks for a file in advance.
    private func requests(_ source: ByteString, _ copy: ByteString) throws -> Int {
        let count = Atomic<Int>(0)
        let (report, _) = Faults.during({ _, call in
            if call == .readAhead { count.add(1, ordering: .relaxed) }
            return nil
        }) { copyTree(source, to: copy) { $0.strategy = .copy } }
        #expect(report.errors == [])
        #expect(try difference(source, copy) == [])
        return count.load(ordering: .relaxed)
    }

    @Test(arguments: [FileSystemKind.ext4, .xfs, .btrfs])
    func onlyAColdTreeIsAskedFor(_ kind: FileSystemKind) throws {
        guard let system = try FileSystemMatrix.require(kind) else { return }
        let scratch = try system.scratch()
        try build(scratch / "tree")
        #expect(try requests(scratch / "tree", scratch / "warm") == 0)
        try evict(scratch / "tree")
        let asked = try requests(scratch / "tree", scratch / "cold")
        #expect(asked > 0 && asked <= Self.files)
    }

    /// It is advice: what goes wrong with it goes unnoticed.
    @Test func aFailureHarmsNothing() throws {
        guard let system = try FileSystemMatrix.require(.ext4) else { return }
        let scratch = try system.scratch()
        try build(scratch / "tree")
        try evict(scratch / "tree")
        let (report, _) = Faults.during({ _, call in call == .readAhead ? .inputOutput : nil }) {
            copyTree(scratch / "tree", to: scratch / "copy") { $0.strategy = .copy }
        }
        #expect(report.errors == [])
        #expect(try difference(scratch / "tree", scratch / "copy") == [])
    }
}
