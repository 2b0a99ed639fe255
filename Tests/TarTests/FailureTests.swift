import Glibc
import SystemCalls
import TestSupport
import Testing

@testable import Tar

/// What goes wrong ends the archive, leaves nothing under its name, and is said.
@Suite(.serialized) struct FailureTests {
    private let scratch: Scratch
    private var tree: ByteString { scratch / "tree" }
    private var tar: ByteString { scratch / "out/a.tar" }

    init() throws {
        scratch = try Scratch()
        try TreeBuilder.build(at: scratch / "out") { _ in }
        try TreeBuilder.build(at: tree) { tree in
            for number in 0..<200 { try tree.file(ByteString("file-\(number)"), .pattern(size: 3000)) }
            try tree.file("large", .pattern(size: 3_000_000))
        }
    }

    private func names() throws -> [ByteString] {
        try TreeSnapshot(of: scratch / "out").paths.filter { !$0.isEmpty && $0 != "." }
    }

    private func plan(_ n: Int) -> Faults.Plan { { number, _ in number == n ? .inputOutput : nil } }

    private func failure(
        _ folder: ByteString? = nil, _ change: (inout ArchiveOptions) -> Void = { _ in }
    ) throws -> ArchiveError? {
        do {
            try archive(folder ?? tree, to: tar, change)
            return nil
        } catch let error as ArchiveError {
            return error
        }
    }

    /// A file of either size that changes between the look and the reading.
    @Test(arguments: ["file-7", "large"], [-1000, 1000])
    func aFileThatChangesEndsTheArchive(_ name: ByteString, _ growth: Int) throws {
        let size = name == "large" ? 3_000_000 : 3000
        let alone = scratch / "alone"
        try TreeBuilder.build(at: alone) { try $0.file(name, .pattern(size: size)) }
        let path = (alone / name).description
        let (found, _) = try Faults.during({ _, call in
            if call == .read { truncate(path, size + growth) }
            return nil
        }) { try failure(alone) }
        let error = try #require(found)
        #expect(error.path == Path(alone / name))
        guard case .changed = error.reason else { throw TestError("\(error)") }
        #expect(try names() == [])
    }

    /// The n-th system call fails: nothing has the name, no descriptor leaks, and the error names a path.
    @Test(arguments: [ArchiveCompression.none, .zstd(level: 1)])
    func anyCallMayFail(_ compression: ArchiveCompression) throws {
        let tree = scratch / "small"
        try TreeBuilder.build(at: tree) { tree in
            try tree.file("a/file", .text("content"))
            try tree.file("large", .pattern(size: 100_000))
            try tree.symbolicLink("link", to: "a")
        }
        var n = 1
        while true {
            let before = try DescriptorCount.now()
            let (error, calls) = try Faults.during(plan(n)) {
                try failure(tree) { ($0.compression, $0.workers) = (compression, 1) }
            }
            #expect(try DescriptorCount.now() == before, "call \(n)")
            if calls < n { break }
            // A refusal to tell, or to make a file without a name, has another way round it.
            if error != nil { #expect(try names() == [], "call \(n)") }
            unlink(tar.description)
            n += 1
        }
        #expect(n > 20)
    }

    @Test func conflictsAreFoundFirst() throws {
        let store = ArchiveItem("nix/store", .directory(mode: 0o755))
        let path = ArchiveItem("nix/store/x", .tree(Path(tree)))
        for wrong in [
            [ArchiveItem("../up", .directory(mode: 0o755))], [store, store],
            [path, ArchiveItem("nix/store/x/in", .file([], mode: 0o644))],
        ] {
            #expect(throws: ArchiveError.self) { try TarWriter(wrong) }
        }
        #expect(throws: Never.self) { try TarWriter([path, store, ArchiveItem("nix", .directory(mode: 0o755))]) }
    }

    @Test func aMissingFolderIsNamed() throws {
        let error = #expect(throws: ArchiveError.self) { try archive(scratch / "nowhere", to: tar) }
        #expect(error?.description == "cannot stat '\(scratch / "nowhere")': No such file or directory")
    }

    @Test func socketsAreLeftOutWithAWarning() throws {
        try TreeBuilder.build(at: tree) { try $0.socket("socket") }
        let report = try archive(tree, to: tar)
        #expect(report.warningCount == 1 && report.warnings.first?.path == Path(tree / "socket"))
    }

    /// What was there stays until the new archive is whole.
    @Test func theOldArchiveStays() throws {
        try TreeBuilder.build(at: scratch / "out") { try $0.file("a.tar", .text("old")) }
        let (error, _) = try Faults.during({ _, call in call == .write ? .noSpace : nil }) { try failure() }
        #expect(error?.errno == .noSpace)
        #expect(try content(tar) == Array("old".utf8))
        #expect(try names() == ["a.tar"])
    }
}
