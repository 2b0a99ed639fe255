import FileTree
import Glibc
import Synchronization
import SystemCalls
import TestSupport
import Testing
import TreeCopy

/// The real executable, and signals in the middle of its work.
@Suite(.serialized) struct InterruptTests {
    private static let program: ByteString = {
        guard let bundle = try? Directory.current.readLink(Name("/proc/self/exe")) else { return "repot" }
        return ByteString(Path(bundle.bytes).parent.appending("repot").bytes)
    }()

    @Test(
        "one signal ends a run, which removes what it has begun and exits with the signal's status",
        arguments: [SIGINT, SIGTERM, SIGHUP], ["copy", "hardlink", "large"])
    func firstSignalCleansUp(_ signal: Int32, _ kind: String) throws {
        let place = try InterruptPlace(isLarge: kind == "large")
        let running = try place.start(Self.program, strategy: kind == "hardlink" ? "hardlink" : "copy")
        try place.waitForProgress()
        try running.send(signal)
        let sent = ContinuousClock.now
        let result = try running.finish()
        let took = sent.duration(to: .now)
        #expect(result.ending == .exited(128 + signal), "\(result.errorText)")
        #expect(took < .seconds(10), "it took \(took)")
        #expect(try Listing.names(Path(place.target)) == [])
        #expect(result.errorText == "")
    }

    @Test func aMergeKeepsWhatIsDoneAndNoPartialFile() throws {
        let place = try InterruptPlace(isLarge: false)
        try TreeBuilder.build(at: place.target / "tree") { _ in }
        let running = try place.start(Self.program, strategy: "copy")
        try place.waitForEntry(in: Path(place.target / "tree"))
        try running.send(SIGINT)
        #expect(try running.finish().ending == .exited(130))
        let lines = try difference(place.source, place.target / "tree")
        let isBroken = { (line: String) in line.contains("content") || line.contains("size") }
        #expect(lines.filter(isBroken) == [])
        #expect(!lines.isEmpty, "it was done before the signal came")
    }

    @Test func theSecondSignalEndsAtOnce() throws {
        let place = try InterruptPlace(isLarge: false)
        let running = try place.start(Self.program, strategy: "copy")
        try place.waitForProgress()
        try running.send(SIGINT)
        try running.send(SIGINT)
        let sent = ContinuousClock.now
        let ending = try running.finish().ending
        // The first one may have been enough already.
        #expect(ending == .signalled(SIGINT) || ending == .exited(130))
        #expect(sent.duration(to: .now) < .seconds(10))
    }

    @Test func whatAKilledRunLeftGoesWithTheNextOne() throws {
        let place = try InterruptPlace(isLarge: false)
        let running = try place.start(Self.program, strategy: "copy")
        try place.waitForProgress()
        try running.send(SIGKILL)
        _ = try running.finish()
        let names = try Listing.names(Path(place.target))
        #expect(names.count == 2 && names.allSatisfy { $0.hasPrefix(".repot-") }, "\(names)")
        let directory = try Directory.current.openDirectory(Name(Path(place.target)), [])
        try StagingArea(directory).sweep()
        #expect(try Listing.names(Path(place.target)) == [])
    }

    /// A live run's names are locked and stay.
    @Test func aSweepLeavesTheLivingAlone() throws {
        let place = try InterruptPlace(isLarge: false)
        let running = try place.start(Self.program, strategy: "copy")
        try place.waitForProgress()
        let directory = try Directory.current.openDirectory(Name(Path(place.target)), [])
        try StagingArea(directory).sweep()
        #expect(try running.finish().ending == .exited(0))
        #expect(try difference(place.source, place.target / "tree") == [])
    }

    @Test func aReaderThatGoesAwayEndsTheOutputOnly() throws {
        let scratch = try Scratch()
        try TreeBuilder.build(at: scratch / "tree") { tree in
            for number in 0..<3000 { try tree.file("\(number)") }
        }
        let script: ByteString = "\"$0\" -Rv tree copy | head -n 1 >/dev/null; echo ${PIPESTATUS[0]}"
        let result = try Command.run(["bash", "-c", script, Self.program], directory: scratch.path)
        #expect(result.outputText == "0\n")
        #expect(result.errorText == "")
        #expect(try difference(scratch / "tree", scratch / "copy") == [])
    }

    /// A caller that takes its wish back gets no half of a root for a whole one.
    @Test func aCancellationHolds() throws {
        let scratch = try Scratch()
        try TreeBuilder.build(at: scratch / "to") { _ in }
        try TreeBuilder.build(at: scratch / "tree") { tree in
            for index in 0..<5 { try tree.file("folder/\(index)", .text("x")) }
        }
        for moment in 1...20 {
            let asked = Mutex(0)
            let root = CopyRoot(
                source: Path(scratch / "tree"), directory: Path(scratch / "to"), name: "tree", publication: .whole)
            let request = CopyRequest(roots: [root], options: .single(.copy)) {
                asked.withLock {
                    $0 += 1
                    return $0 == moment
                }
            }
            let report = CopyEngine(request).copy()
            #expect(report.wasCancelled == (asked.withLock { $0 } >= moment), "\(moment)")
            if report.wasCancelled { #expect(try Listing.names(Path(scratch / "to")) == [], "\(moment)") }
            try Command.succeed(["rm", "-rf", scratch / "to/tree"])
        }
    }
}

/// A tree in memory that takes a while to copy, and where it goes.
private struct InterruptPlace {
    let scratch: Scratch
    let source: ByteString
    var target: ByteString { scratch / "to" }

    /// The sources are made once: no test changes them.
    init(isLarge: Bool) throws {
        scratch = try Self.memory()
        source = try (isLarge ? Self.large : Self.many).get() / "tree"
        try TreeBuilder.build(at: scratch / "to") { _ in }
    }

    private static func memory() throws -> Scratch {
        try FileSystemMatrix.require(.tmpfs)?.scratch() ?? Scratch()
    }

    private static let large = Result {
        let scratch = try memory()
        try TreeBuilder.build(at: scratch / "tree") { try $0.file("large", .pattern(size: 400 << 20)) }
        return scratch
    }

    /// 40,000 files in folders of a thousand, and a read-only one.
    private static let many = Result {
        let scratch = try memory()
        try TreeBuilder.build(at: scratch / "tree") { try $0.directory("shut", Attributes(mode: 0o555)) }
        let script: ByteString = """
            for d in $(seq 40); do mkdir "$0/$d"; (cd "$0/$d"; seq 1000 | split -l 1 -a 3 -d -); done
            """
        try Command.succeed(["bash", "-c", script, scratch / "tree"])
        return scratch
    }

    func start(_ program: ByteString, strategy: String) throws -> RunningCommand {
        let option = ByteString("--strategy=\(strategy)")
        return try Command([program, "-R", option, source, target / "tree"], timeout: .seconds(60)).start()
    }

    /// Until something has begun to grow under a temporary name.
    func waitForProgress() throws {
        for _ in 0..<20_000 {
            if let name = try Listing.names(Path(target)).first(where: { $0.hasSuffix("-1") }) {
                return try waitForEntry(in: Path(target).appending(Path(name)))
            }
            usleep(200)
        }
        Issue.record("the copy did not begin")
    }

    func waitForEntry(in directory: Path) throws {
        for _ in 0..<20_000 {
            if try !Listing.names(directory).isEmpty { return }
            usleep(200)
        }
        Issue.record("nothing was copied")
    }
}
