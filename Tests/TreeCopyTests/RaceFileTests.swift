import SystemCalls
import TestSupport
import Testing
import TreeCopy

/// A file changes while it is copied.
@Suite(.serialized) struct RaceFileTests {
    /// A kind of file, how it is copied, and a call during whose copying the change comes.
    struct Row: Sendable, CustomTestStringConvertible {
        let name: String
        let content: FileContent
        let sparse: Sparse
        let moment: RaceDisturbance.Moment
        var strategy = StrategyChoice.auto
        /// On a file system for which the engine tries copy_file_range.
        var isInKernel = false

        var testDescription: String { name }
    }

    private static let sparseContent = FileContent.sparse(
        length: 3_000_000, data: [65536..<131_072, 2_000_000..<2_100_000])

    private static let rows = [
        Row(
            name: "large, in the kernel", content: .pattern(size: 700_000), sparse: .auto,
            moment: .before(.copyRange, 1), isInKernel: true),
        Row(
            name: "large, after the kernel has copied it", content: .pattern(size: 700_000), sparse: .auto,
            moment: .after(.copyRange, 1), isInKernel: true),
        Row(
            name: "large, by read", content: .pattern(size: 700_000), sparse: .auto, moment: .before(.read, 2)),
        Row(name: "sparse, first extent", content: sparseContent, sparse: .auto, moment: .before(.seek, 1)),
        Row(name: "sparse, second extent", content: sparseContent, sparse: .auto, moment: .before(.seek, 5)),
        Row(
            name: "sparse, by read", content: sparseContent, sparse: .auto, moment: .after(.read, 1),
            strategy: .copy),
        Row(
            name: "looking for zeros", content: .pattern(size: 700_000), sparse: .always, moment: .before(.read, 2)),
    ]

    @Test(arguments: rows, RaceChange.single) func isSaidAndLeavesNothing(_ row: Row, _ change: RaceChange) throws {
        let found = row.isInKernel ? try FileSystemMatrix.ramfs() : try FileSystemMatrix.require(.ext4)
        guard let system = found else { return }
        let place = try RacePlace(row.content, in: try system.scratch())
        let disturbance = RaceDisturbance(row.moment) { change.apply(to: place.file) }
        var options = CopyOptions.single(row.strategy)
        options.sparse = row.sparse
        let report = disturbance.copy(place.request(options))
        #expect(disturbance.hasHappened)
        try place.expectRefused(report)
    }

    /// A small file is read by one call, which sees it whole before or after: nine calls a file leave no room
    /// for a second look. What is there is what the file was at one moment, or nothing and an error.
    @Test(arguments: [RaceChange.truncated, .emptied, .grown]) func smallFilesToo(_ change: RaceChange) throws {
        let place = try RacePlace(.pattern(size: 700))
        let disturbance = RaceDisturbance(.before(.readCached, 1)) { change.apply(to: place.file) }
        let report = disturbance.copy(place.request(.single(.copy)))
        #expect(disturbance.hasHappened)
        try place.expectRefused(report)
    }

    @Test("an empty file that grows while it is copied is an error") func anEmptyFileThatGrowsIsRefused() throws {
        let place = try RacePlace(.empty)
        let disturbance = RaceDisturbance(.before(.read, 1)) { RaceChange.grown.apply(to: place.file) }
        let report = disturbance.copy(place.request(.single(.copy)))
        #expect(disturbance.hasHappened)
        try place.expectRefused(report)
    }

    /// The size alone would say that nothing happened.
    @Test func truncatedAndWrittenAgainIsRefused() throws {
        let place = try RacePlace(.pattern(size: 700))
        let again = RaceDisturbance(.before(.statx, 1)) { RaceChange.extended.apply(to: place.file) }
        let cut = RaceDisturbance(.before(.readCached, 1)) { RaceChange.truncated.apply(to: place.file) }
        let report = cut.copy(place.request(.single(.copy)), then: again)
        #expect(again.hasHappened)
        try place.expectRefused(report)
    }

    /// As on Linux 5.9 and 5.10, where asking for what is cached may find nothing in a file that has content.
    @Test func nothingThatIsCachedIsNoEnd() throws {
        let place = try RacePlace(.pattern(size: 700))
        let before = try TreeSnapshot(of: place.file)
        let saved = place.scratch / "saved"
        try Command.succeed(["cp", "-p", place.file, saved])
        let emptied = RaceDisturbance(.before(.readCached, 1)) { RaceChange.emptied.apply(to: place.file) }
        let restored = RaceDisturbance(.before(.read, 1)) { _ = try? Command.succeed(["cp", "-p", saved, place.file]) }
        let report = emptied.copy(place.request(.single(.copy)), then: restored)
        #expect(restored.hasHappened && report.errors == [])
        #expect(TreeSnapshot.difference(before, try TreeSnapshot(of: place.copy / "file")) == [])
    }

    @Test func aSmallFileThatIsReplacedIsTheOldOne() throws {
        let place = try RacePlace(.pattern(size: 700))
        let before = try TreeSnapshot(of: place.file)
        let disturbance = RaceDisturbance(.before(.readCached, 1)) { RaceChange.replaced.apply(to: place.file) }
        let report = disturbance.copy(place.request(.single(.copy)))
        #expect(report.errorCount == 0)
        #expect(TreeSnapshot.difference(before, try TreeSnapshot(of: place.copy / "file")) == [])
    }

    @Test(arguments: ["/proc/version", "/proc/self/limits"], [Sparse.auto, .always])
    func filesWithoutSizeHaveContent(_ path: String, _ sparse: Sparse) throws {
        let scratch = try Scratch()
        let report = copyTree(ByteString(path), to: scratch / "copy") { $0.sparse = sparse }
        #expect(report.errors == [])
        let content = try TestSupport.Command.succeed(["cat", ByteString(path)]).output
        #expect(try readSmallFile(Path(scratch / "copy")) == content)
        #expect(!content.isEmpty)
    }
}

/// A tree with one file that a test disturbs, one that it leaves alone, and what is to take the first one's place.
struct RacePlace: Sendable {
    let scratch: Scratch
    var source: ByteString { scratch / "tree" }
    var copy: ByteString { scratch / "to/tree" }
    var file: ByteString { source / "file" }

    init(_ content: FileContent, in scratch: Scratch? = nil) throws {
        self.scratch = try scratch ?? Scratch()
        let old = Attributes(modified: TestSupport.Timestamp(seconds: 1_000_000_000))
        try TreeBuilder.build(at: self.scratch / "to") { _ in }
        try TreeBuilder.build(at: source) { tree in
            try tree.file("file", content, old)
            try tree.file("other", .text("left alone"), old)
            try tree.file("file.new", .text("another file"), old)
        }
    }

    func request(_ options: CopyOptions) -> CopyRequest {
        let file = CopyRoot(
            source: Path(file), directory: Path(scratch / "to/tree"), name: "file", publication: .inPlace)
        let other = CopyRoot(
            source: Path(source / "other"), directory: Path(scratch / "to/tree"), name: "other",
            publication: .inPlace)
        try? TreeBuilder.build(at: copy) { _ in }
        return CopyRequest(roots: [file, other], options: options)
    }

    /// One error, which says that this file changed; no copy of it; the other one is there.
    func expectRefused(_ report: CopyReport) throws {
        #expect(report.errors.map(\.path) == [Path(file)], "\(report.errors)")
        #expect(report.errors.allSatisfy { $0.description.contains("changed") }, "\(report.errors)")
        #expect(try Listing.names(Path(copy)) == ["other"])
        #expect(try difference(source / "other", copy / "other") == [])
    }
}
