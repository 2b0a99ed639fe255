import Glibc
import Synchronization
import SystemCalls
import TestSupport
import Testing
import TreeCopy

/// Roots that get their names while others still work with what is in them.
@Suite(.serialized) struct RacePublishTests {
    /// Two store paths share an inode. While one worker makes its k-th call to open or link, the other one gives
    /// the first store path its name.
    @Test(arguments: [true, false], 1...6)
    func linksHoldWhileTheFirstNameIsPublished(_ areFolders: Bool, _ k: Int) throws {
        let scratch = try Scratch()
        try Self.build(scratch, areFolders)
        let engine = CopyEngine(try Self.request(scratch, ["a", "b"], workers: 2))
        let meeting = PublishMeeting(at: k, in: scratch / "to")
        let report = watched("publication") {
            Faults.during({ _, call in
                meeting.look(call)
                return nil
            }) { engine.copy() }.0
        }
        #expect(report.errors == [])
        let inner: ByteString = areFolders ? "/file" : ""
        let inodes = try ["a", "b"].map { try metadata(scratch / "to" / (ByteString($0) + inner)).identity }
        #expect(inodes[0] == inodes[1], "the two names share no inode any more")
    }

    /// Both end well and one copy stays.
    @Test func twoRunsPublishTheSameRoots() throws {
        let scratch = try Scratch()
        let names = (0..<40).map { "root\($0)" }
        try TreeBuilder.build(at: scratch / "to") { _ in }
        for name in names {
            try TreeBuilder.build(at: scratch / ByteString(name)) { tree in
                for file in 0..<5 { try tree.file("deep/\(file)", .text(name)) }
            }
        }
        let engines = try (0..<2).map { _ in CopyEngine(try Self.request(scratch, names, workers: 2)) }
        let reports = Mutex<[CopyReport]>([])
        watched("two runs") {
            DispatchPair.run(engines.map { engine in { reports.withLock { $0.append(engine.copy()) } } })
        }
        #expect(reports.withLock { $0.flatMap(\.errors) } == [])
        #expect(reports.withLock { $0.map(\.roots) } == [40, 40])
        #expect(try Listing.names(Path(scratch / "to")) == names.sorted())
        for name in names {
            #expect(try difference(scratch / ByteString(name), scratch / "to" / ByteString(name)) == [])
        }
    }

    /// The second of two roots of one name shares an inode with the first one, which failed and was removed.
    @Test func linksToARemovedRootBeginAnew() throws {
        let scratch = try Scratch()
        try TreeBuilder.build(at: scratch / "to") { _ in }
        try TreeBuilder.build(at: scratch.path) { tree in
            try tree.file("first/a/shared", .text("shared"))
            try tree.fifo("first/a/pipe")
            try tree.hardLink("second/a", to: "first/a/shared")
        }
        let roots = ["first", "second"].map { folder in
            CopyRoot(
                source: Path(scratch / ByteString(folder) / "a"), directory: Path(scratch / "to"), name: "a",
                publication: .whole)
        }
        let engine = CopyEngine(CopyRequest(roots: roots, options: .single(.copy)))
        let report = Faults.during({ _, call in call == .makeNode ? .inputOutput : nil }) { engine.copy() }.0
        #expect(report.errors.map(\.errno) == [.inputOutput], "\(report.errors)")
        #expect(try readSmallFile(Path(scratch / "to/a")) == Array("shared".utf8))
    }

    private static func build(_ scratch: Scratch, _ areFolders: Bool) throws {
        try TreeBuilder.build(at: scratch / "to") { _ in }
        try TreeBuilder.build(at: scratch.path) { tree in
            let (first, second): (ByteString, ByteString) = areFolders ? ("a/file", "b/file") : ("a", "b")
            try tree.file(first, .text("shared"))
            try tree.hardLink(second, to: first)
        }
    }

    private static func request(_ scratch: Scratch, _ names: [String], workers: Int) throws -> CopyRequest {
        var options = CopyOptions()
        options.workers = workers
        let roots = names.map {
            CopyRoot(
                source: Path(scratch / ByteString($0)), directory: Path(scratch / "to"), name: Path($0),
                publication: .whole)
        }
        return CopyRequest(roots: roots, options: options)
    }
}

/// Lets the worker that comes second make its k-th call to open or link at the moment when the first one
/// renames its root. All waiting is bounded: whoever waits may hold what the other one needs.
private final class PublishMeeting: Sendable {
    private struct State {
        var first: pthread_t?
        var isRenaming = false
        var isReleased = false
        var count = 0
    }

    private let state = Mutex(State())
    private let caller = pthread_self()
    private let k: Int
    private let finals: [String]

    init(at k: Int, in target: ByteString) {
        self.k = k
        finals = ["a", "b"].map { Path(target / $0).description }
    }

    func look(_ call: SystemCall) {
        let me = pthread_self()
        if me == caller { return }
        let first = state.withLock { state in
            state.first = state.first ?? me
            return state.first
        }
        if me == first { lead(call) } else { follow(call) }
    }

    private func lead(_ call: SystemCall) {
        guard call == .rename else { return }
        state.withLock { $0.isRenaming = true }
        wait(300) { self.state.withLock { $0.isReleased } }
    }

    private func follow(_ call: SystemCall) {
        wait(300) { self.state.withLock { $0.isRenaming } }
        guard call == .open || call == .link else { return }
        let isIt = state.withLock { state in
            state.count += 1
            state.isReleased = state.isReleased || state.count == k
            return state.count == k
        }
        if isIt { wait(100) { self.finals.contains { access($0, F_OK) == 0 } } }
    }

    private func wait(_ milliseconds: Int, until isTrue: () -> Bool) {
        for _ in 0..<milliseconds where !isTrue() { usleep(1000) }
    }
}
