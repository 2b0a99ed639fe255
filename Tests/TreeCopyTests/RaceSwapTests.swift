import Glibc
import Synchronization
import SystemCalls
import TestSupport
import Testing
import TreeCopy

/// Entries are swapped for others between a look at them and their use.
@Suite(.serialized) struct RaceSwapTests {
    /// What takes the place of a file after it was listed.
    enum Impostor: String, CaseIterable, Sendable { case fifo, symlink, directory, absent }

    @Test(
        "a file that is replaced after it was listed is copied as its replacement",
        arguments: Impostor.allCases, [StrategyChoice.copy, .auto])
    func aFileIsSwappedAfterItWasListed(_ impostor: Impostor, _ strategy: StrategyChoice) throws {
        let yard = try SwapYard()
        let disturbance = RaceDisturbance(.after(.getdents, 1)) { yard.replaceFile(by: impostor) }
        let report = disturbance.copy(yard.request(.single(strategy)))
        #expect(disturbance.hasHappened)
        let missing = impostor == .absent ? [Path(yard.source / "file")] : []
        #expect(report.errors.map(\.path) == missing, "\(report.errors)")
        #expect(try difference(yard.source, yard.copy, ignoring: [.root]) == [])
        try yard.expectOutsideUnchanged()
    }

    @Test("a directory that is replaced by a symlink after it was listed is copied as a symlink")
    func aSourceFolderIsSwappedForASymlink() throws {
        let yard = try SwapYard()
        let disturbance = RaceDisturbance(.after(.getdents, 1)) { yard.swap(yard.source / "sub") }
        let report = disturbance.copy(yard.request(.single(.copy)))
        #expect(disturbance.hasHappened)
        #expect(report.errors == [])
        #expect(try metadata(yard.copy / "sub").kind == .symlink)
        #expect(try Listing.names(Path(yard.copy)) == ["file", "sub"])
        try yard.expectOutsideUnchanged()
    }

    /// The second folder that is made is `sub`; it is swapped before it is opened.
    @Test func aNewFolderIsSwappedForASymlink() throws {
        let yard = try SwapYard()
        let disturbance = RaceDisturbance(.after(.makeDirectory, 2)) { yard.swap(yard.copy / "sub") }
        let report = disturbance.copy(yard.request(.single(.copy)))
        #expect(disturbance.hasHappened)
        #expect(report.errors.map(\.path) == [Path(yard.copy / "sub")], "\(report.errors)")
        try yard.expectOutsideUnchanged()
    }

    /// What is open stays the same inode, wherever its name leads by now.
    @Test func aFolderIsSwappedWhileItIsFilled() throws {
        let yard = try SwapYard()
        let disturbance = RaceDisturbance(.before(.getdents, 3)) { yard.swap(yard.copy / "sub") }
        let report = disturbance.copy(yard.request(.single(.copy)))
        #expect(disturbance.hasHappened)
        #expect(report.errorCount == 0, "\(report.errors)")
        #expect(try Listing.names(Path(yard.copy / "sub.away")) == ["inside"])
        try yard.expectOutsideUnchanged()
    }

    @Test func aFileMadeHereIsSwappedForASymlinkBeforeItsMetadata() throws {
        let yard = try SwapYard()
        let disturbance = RaceDisturbance(.before(.setTimes, 1)) { yard.swap(yard.copy / "file") }
        let report = disturbance.copy(yard.request(.single(.copy)))
        #expect(report.errorCount == 0, "\(report.errors)")
        try yard.expectOutsideUnchanged()
    }

    /// Two seconds of folders that come and go under the workers' hands, on both sides.
    @Test func nothingOutsideChangesWhateverIsSwapped() throws {
        let yard = try SwapYard(files: 200)
        // Where the first copy finds a symlink, the copy is one, and leads outside until it is swapped.
        yard.swap(yard.source / "sub")
        _ = CopyEngine(yard.request(.single(.copy))).copy()
        yard.swapBack(yard.source / "sub")
        try Command.succeed(["rm", "-r", yard.copy / "sub.away"])
        var swapper = pthread_t()
        let work = SwapWork(yard: yard)
        pthread_create(&swapper, nil, { SwapWork.run($0) }, Unmanaged.passRetained(work).toOpaque())
        let end = ContinuousClock.now + .seconds(2)
        var copies = 0
        while ContinuousClock.now < end || copies < 6 {
            var options = CopyOptions()
            options.strategy = copies % 2 == 0 ? .copy : .hardlink
            options.workers = 3
            options.existing = .overwrite(force: true)
            _ = watched("swapped") { CopyEngine(yard.request(options)).copy() }
            copies += 1
        }
        work.isOver.store(true, ordering: .relaxed)
        pthread_join(swapper, nil)
        try yard.expectOutsideUnchanged()
    }

    /// A folder of the source that is mounted in the destination as well keeps its time and its mode.
    @Test func theSourceInTheDestinationIsRefused() throws {
        guard OrdinaryUser.isRoot else { return }
        let scratch = try Scratch()
        for place in ["source", "copy"] as [ByteString] {
            try TreeBuilder.build(at: scratch / place) { try $0.directory("folder", Attributes(mode: 0o555)) }
        }
        try Command.succeed(["mount", "--bind", scratch / "source/folder", scratch / "copy/folder"])
        let before = try metadata(scratch / "source/folder").changed
        let report = copyTree(scratch / "source", to: scratch / "copy")
        try Command.succeed(["umount", scratch / "copy/folder"])
        #expect(try metadata(scratch / "source/folder").changed == before)
        #expect(report.errors.count == 1 && report.errors.allSatisfy { $0.description.hasSuffix("are the same file") })
    }
}

/// A source, a place for its copy, and a folder beside them that nobody may read into the copy or write to.
struct SwapYard: Sendable {
    let scratch: Scratch
    private let outsideBefore: TreeSnapshot
    var source: ByteString { scratch / "tree" }
    var copy: ByteString { scratch / "to/tree" }
    private var outside: ByteString { scratch / "outside" }

    init(files: Int = 1) throws {
        scratch = try Scratch()
        let old = Attributes(mode: 0o640, modified: TestSupport.Timestamp(seconds: 1_000_000_000))
        try TreeBuilder.build(at: scratch / "to") { _ in }
        try TreeBuilder.build(at: scratch / "outside") { tree in
            try tree.file("secret", .text("secret"), old)
            tree.root(Attributes(mode: 0o750, modified: TestSupport.Timestamp(seconds: 5)))
        }
        try TreeBuilder.build(at: scratch / "tree") { tree in
            try tree.file("file", .text("content"), old)
            try tree.file("sub/inside", .text("inside"), old)
            for number in 1..<max(files, 1) { try tree.file("sub/\(number % 7)/\(number)", .text("x"), old) }
        }
        outsideBefore = try TreeSnapshot(of: scratch / "outside")
    }

    func request(_ options: CopyOptions) -> CopyRequest {
        let root = CopyRoot(
            source: Path(source), directory: Path(scratch / "to"), name: "tree", publication: .inPlace)
        return CopyRequest(roots: [root], options: options)
    }

    /// The name leads outside; what had it is `….away`.
    func swap(_ path: ByteString) {
        inParent(of: path) { parent, name in
            renameat(parent, name, parent, name + ".away")
            symlinkat(text(outside), parent, name)
        }
    }

    func swapBack(_ path: ByteString) {
        inParent(of: path) { parent, name in
            unlinkat(parent, name, 0)
            renameat(parent, name + ".away", parent, name)
        }
    }

    /// A parent that leads outside itself is none: the copy may have it from the source, and nothing is to be swapped
    /// out there.
    private func inParent(of path: ByteString, _ body: (Int32, String) -> Void) {
        let parent = open(Path(path).parent.description, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)
        if parent < 0 { return }
        body(parent, Path(path).lastComponent.description)
        close(parent)
    }

    func replaceFile(by impostor: RaceSwapTests.Impostor) {
        let file = text(source / "file")
        unlink(file)
        switch impostor {
        case .fifo: mkfifo(file, 0o600)
        case .symlink: symlink(text(outside / "secret"), file)
        case .directory: mkdir(file, 0o755)
        case .absent: break
        }
    }

    func expectOutsideUnchanged() throws {
        let difference = TreeSnapshot.difference(outsideBefore, try TreeSnapshot(of: outside))
        #expect(difference == [])
    }

    private func text(_ path: ByteString) -> String { Path(path).description }
}

/// A thread of its own that swaps folders to and fro.
private final class SwapWork: Sendable {
    let yard: SwapYard
    let isOver = Atomic<Bool>(false)

    init(yard: SwapYard) { self.yard = yard }

    static func run(_ pointer: UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? {
        guard let pointer else { return nil }
        let work = Unmanaged<SwapWork>.fromOpaque(pointer).takeRetainedValue()
        let places = ["sub", "sub/1", "sub/2"].flatMap { name in
            [work.yard.source, work.yard.copy].map { $0 / ByteString(name) }
        }
        while !work.isOver.load(ordering: .relaxed) {
            for place in places {
                work.yard.swap(place)
                usleep(150)
                work.yard.swapBack(place)
                usleep(50)
            }
        }
        return nil
    }
}
