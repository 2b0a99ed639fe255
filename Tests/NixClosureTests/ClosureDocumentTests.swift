import NixClosure
import StoreFixture
import SystemCalls
import TestSupport
import Testing

@Suite struct ClosureDocumentTests {
    private let fake: FakeStore

    init() throws { fake = try FakeStore() }

    private func read(_ text: String) throws -> [Path] {
        try ClosureDocument(reading: try fake.list(text), fake.store).storePaths.map(fake.store.path(of:))
    }

    @Test(
        "line feeds and NUL bytes end the store paths of a list",
        arguments: ["\n", "\r\n", " \t\n", "\n\n  \n", "\0", "\0\0", "\n\0", " \0\n"])
    func separators(_ end: String) throws {
        #expect(try read(FakeStore.all.map { "\($0)\(end)" }.joined()) == FakeStore.all)
    }

    @Test("an error in a list that is separated by NUL bytes names the entry's number")
    func badEntryIsNumbered() throws {
        let error = #expect(throws: ClosureError.self) {
            try read("\(FakeStore.file)\0\(FakeStore.link)\0/etc/passwd\0")
        }
        #expect(error?.description.contains("line 3: '/etc/passwd'") == true)
    }

    @Test func lastLineWithoutEnd() throws { #expect(try read("\(FakeStore.file)") == [FakeStore.file]) }

    @Test(arguments: [
        "/etc/passwd", "relative", "/nix/store", "/nix/store/", "/nix/store/../../etc/passwd",
        "/nix/store/no-store-path",
        "/nix/store/eeeeeeeeeeeeeeeeeeeeeeeeeeeeeeee-name",
        "/nix/store/00000000000000000000000000000000-directory/bin",
        "/nix/store/00000000000000000000000000000000-directory and more",
    ])
    func badLineIsNumbered(_ line: String) throws {
        let error = #expect(throws: ClosureError.self) { try read("\(FakeStore.file)\n\n\(line)\n") }
        #expect(error?.description.contains("line 3") == true)
        #expect(error?.description.contains(line) == true)
    }

    @Test(arguments: ["", "\n \n"])
    func emptyIsRefused(_ text: String) { #expect(throws: ClosureError.self) { try read(text) } }

    @Test(arguments: ["/no/such/list", "/"] as [Path])
    func unreadable(_ path: Path) {
        let error = #expect(throws: ClosureError.self) { try ClosureDocument(reading: path, fake.store) }
        #expect(error?.errno != nil)
        #expect(error?.path == path)
    }

    /// `--closure <(nix-store -qR ./result)`: whoever writes may take a while.
    @Test func fifoIsWaitedFor() throws {
        let fifo = fake.scratch / "fifo"
        try Command.succeed(["mkfifo", fifo])
        let writer = try Command(["sh", "-c", "sleep 0.2; echo \(FakeStore.file) > \(fifo)"]).start()
        #expect(try ClosureDocument(reading: Path(fifo), fake.store).storePaths.count == 1)
        #expect(try writer.finish().status == 0)
    }
}

@Suite struct ClosureTests {
    @Test func sortedAndUnique() throws {
        let paths = FakeStore.all.compactMap { StorePath(baseName: $0.lastComponent) }
        let closure = Closure(paths.reversed() + paths)
        #expect(closure.storePaths == paths)
        #expect(paths.allSatisfy(closure.contains))
    }

    @Test func everyPathHasToBeThere() throws {
        let fake = try FakeStore()
        let paths = FakeStore.all.compactMap { StorePath(baseName: $0.lastComponent) }
        try Closure(paths).check(in: fake.store)
        let missing = try #require(StorePath(baseName: "33333333333333333333333333333333-missing"))
        let error = #expect(throws: ClosureError.self) { try Closure(paths + [missing]).check(in: fake.store) }
        #expect(error?.path == fake.store.path(of: missing))
    }
}
