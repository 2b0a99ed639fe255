import Synchronization
import SystemCalls
import TestSupport
import Testing
import TreeCopy

/// What one failure means for the rest of the run.
@Suite(.serialized) struct FaultPolicyTests {
    /// ext4 returns ENOSPC for attributes that are too large for their block, which concerns one file.
    @Test(
        "a file whose attribute cannot be kept keeps its content, and the run goes on",
        arguments: [Errno.noSpace, .notSupported, .tooBig])
    func anAttributeThatDoesNotFitEndsNothing(_ errno: Errno) throws {
        let place = try PolicyPlace()
        let engine = CopyEngine(place.request(.inPlace, .single(.copy)))
        let report = Faults.during({ _, call in call == .setAttribute ? errno : nil }) { engine.copy() }.0
        #expect(report.errors.map(\.path) == [Path(place.copy / "attributed")], "\(report.errors)")
        #expect(try difference(place.source, place.copy, ignoring: [.xattrs]) == [])
    }

    @Test(
        "a file that must be replaced by a clone keeps its content when no clone is possible", arguments: [true, false])
    func refusedClonesReplaceNothing(actsAsGNU: Bool) throws {
        let place = try PolicyPlace()
        try TreeBuilder.build(at: place.copy) { try $0.file("a", .text("more than there is in the source")) }
        var options = CopyOptions.single(.reflink)
        options.isStrict = true
        options.actsAsGNU = actsAsGNU
        options.existing = .overwrite(Overwriting())
        let engine = CopyEngine(place.request(.inPlace, options))
        let report = Faults.during({ _, call in call == .clone ? .invalid : nil }) { engine.copy() }.0
        #expect(report.errors.map(\.path).contains(Path(place.copy / "a")), "\(report.errors)")
        #expect(try Command.succeed(["cat", place.copy / "a"]).outputText == "more than there is in the source")
    }

    @Test("a file that is larger than the source can be replaced by a clone", arguments: [FileSystemKind.xfs, .btrfs])
    func clonesReplaceLargerFiles(_ kind: FileSystemKind) throws {
        guard let scratch = try FileSystemMatrix.require(kind)?.scratch() else { return }
        try TreeBuilder.build(at: scratch / "tree") { try $0.file("a", .pattern(size: 70_001)) }
        try TreeBuilder.build(at: scratch / "to") { try $0.file("tree/a", .pattern(size: 90_001, seed: 2)) }
        var options = CopyOptions.single(.reflink)
        options.isStrict = true
        options.existing = .overwrite(Overwriting())
        let root = CopyRoot(
            source: Path(scratch / "tree"), directory: Path(scratch / "to"), name: "tree", publication: .inPlace)
        let report = CopyEngine(CopyRequest(roots: [root], options: options)).copy()
        #expect(report.errors == [] && report.counts.cloned == 1)
        #expect(try difference(scratch / "tree", scratch / "to/tree") == [])
    }

    @Test(arguments: [Errno.noSpace, .quotaExceeded])
    func aFullDiskEndsTheRun(_ errno: Errno) throws {
        let place = try PolicyPlace()
        let engine = CopyEngine(place.request(.whenDone, .single(.copy)))
        let report = Faults.during({ _, call in call == .write ? errno : nil }) { engine.copy() }.0
        #expect(report.errorCount == 1)
        #expect(try Listing.names(Path(place.target)) == [])
    }

    /// A folder that was there was opened up to be filled. It is not ours to leave so.
    @Test func anInterruptedMergeShutsFoldersAgain() throws {
        let place = try PolicyPlace()
        try TreeBuilder.build(at: place.copy) { tree in
            try tree.directory("sub", Attributes(mode: 0o555))
            tree.root(Attributes(mode: 0o555))
        }
        let isCancelled = Mutex(false)
        var request = place.request(.inPlace, .single(.copy))
        request.isCancelled = { isCancelled.withLock { $0 } }
        let engine = CopyEngine(request)
        let report = Faults.during({ _, call in
            if call == .write { isCancelled.withLock { $0 = true } }
            return nil
        }) { engine.copy() }.0
        #expect(report.wasCancelled)
        #expect(try metadata(place.copy).mode == FileMode(rawValue: 0o555))
        #expect(try metadata(place.copy / "sub").mode == FileMode(rawValue: 0o555))
    }

    /// Where the file system does not know RENAME_NOREPLACE, another run's root may come between the look and
    /// the rename.
    @Test("without RENAME_NOREPLACE too, the complete root of another run stays")
    func theOtherRunWinsWithoutRenameNoReplaceToo() throws {
        let place = try PolicyPlace()
        let engine = CopyEngine(place.request(.whole, .single(.copy)))
        let renames = Mutex(0)
        let report = Faults.during({ _, call in
            guard call == .rename else { return nil }
            let number = renames.withLock { count in
                count += 1
                return count
            }
            if number == 1 { return .invalid }
            try? TreeBuilder.build(at: place.copy) { try $0.file("theirs") }
            _ = try? Command.succeed(["touch", "-r", place.source, place.copy])
            return nil
        }) { engine.copy() }.0
        #expect(report.errors == [])
        #expect(try Listing.names(Path(place.target)) == ["tree"])
        #expect(try Listing.names(Path(place.copy)) == ["theirs"])
    }

    @Test func withoutRenameNoReplaceTheRootIsPublishedAllTheSame() throws {
        let place = try PolicyPlace()
        let engine = CopyEngine(place.request(.whole, .single(.copy)))
        let isFirst = Mutex(true)
        let report = Faults.during({ _, call in
            guard call == .rename else { return nil }
            return isFirst.withLock { isFirst in
                defer { isFirst = false }
                return isFirst ? .invalid : nil
            }
        }) { engine.copy() }.0
        #expect(report.errors == [])
        #expect(try difference(place.source, place.copy) == [])
    }
}

private struct PolicyPlace: Sendable {
    let scratch: Scratch
    var source: ByteString { scratch / "tree" }
    var target: ByteString { scratch / "to" }
    var copy: ByteString { target / "tree" }

    init() throws {
        scratch = try Scratch()
        try TreeBuilder.build(at: scratch / "to") { _ in }
        try TreeBuilder.build(at: scratch / "tree") { tree in
            for name: ByteString in ["a", "b", "z", "sub/c"] { try tree.file(name, .text("x")) }
            try tree.file("attributed", .text("y"), Attributes(extended: ["user.colour": [1]]))
        }
    }

    func request(_ publication: Publication, _ options: CopyOptions) -> CopyRequest {
        let root = CopyRoot(
            source: Path(source), directory: Path(target), name: "tree", publication: publication)
        return CopyRequest(roots: [root], options: options)
    }
}
