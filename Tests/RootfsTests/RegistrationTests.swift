import Nar
import NixClosure
import Rootfs
import StoreFixture
import SystemCalls
import TestSupport
import Testing
import TreeCopy

/// The registration of several closures in one root file system.
@Suite struct RegistrationTests {
    private let fake: FakeStore
    private var file: ByteString { fake.scratch / "out/nix-path-registration" }

    init() throws { fake = try FakeStore() }

    /// The infos of these store paths, each of which refers to the one before it.
    private func infos(_ paths: [Path]) throws -> [PathInfo] {
        let storePaths = paths.compactMap { StorePath(baseName: $0.lastComponent) }
        return try storePaths.indices.map { PathInfo(storePaths[$0], references: storePaths[..<$0].suffix(1)) }
            .completed(in: fake.store)
    }

    private func spec(_ infos: [PathInfo], to destination: ByteString = "out") throws -> RootfsSpec {
        var spec = try fake.spec(infos.map { fake.store.path(of: $0.path) }, to: destination)
        spec.additions.registration = infos
        return spec
    }

    private func write(_ text: String) throws {
        try TreeBuilder.build(at: fake.scratch / "out") { try $0.file("nix-path-registration", .text(text)) }
    }

    private func record(_ info: PathInfo, hash: String? = nil, deriver: String = "") -> String {
        let references = info.references.map { "/nix/store/\($0)\n" }.joined()
        let size = hash == Self.null ? 0 : info.narSize ?? 0
        return "/nix/store/\(info.path)\n\(hash ?? info.narHash?.base16 ?? "")\n\(size)\n\(deriver)\n"
            + "\(info.references.count)\n\(references)"
    }

    private static let null = String(repeating: "0", count: 64)

    /// The paths of two closures, by their indices in the store.
    private static let halves: [(first: [Int], second: [Int])] = [
        ([0], [1, 2]), ([1, 2], [0]), ([0, 1], [0, 1, 2]), ([0, 1, 2], [0]), ([2], [2]), ([], [0, 1]), ([0, 1], []),
    ]

    @Test("a second closure extends the registration to that of both, in byte order", arguments: halves)
    func union(_ halves: (first: [Int], second: [Int])) throws {
        let all = try infos(FakeStore.all)
        let closures = try [halves.first, halves.second].map { indices in
            try infos(indices.map { FakeStore.all[$0] })
        }
        for closure in closures { #expect(try fake.stage(try spec(closure)).errors == []) }
        let union = Set(closures.joined().map(\.path))
        let expected = all.filter { union.contains($0.path) }.map { info in
            record(closures.joined().first { $0.path == info.path } ?? info)
        }
        #expect(try String(decoding: content(file), as: UTF8.self) == expected.joined())
        #expect(try metadata(file).mode == FileMode(rawValue: 0o444))
        #expect(try metadata(file).modified.seconds == 1)
        let before = try InodeState.all(below: fake.scratch / "out")
        for closure in closures { #expect(try fake.stage(try spec(closure)).errors == []) }
        #expect(try InodeState.all(below: fake.scratch / "out") == before)
    }

    @Test("of two simultaneous runs, each adds its store paths")
    func simultaneousRuns() throws {
        let specs = try FakeStore.all.map { try spec(try infos([$0])) }
        let plans = try specs.map { try RootfsPlan($0) }
        for plan in plans { #expect(Stager(plan).stage { CopyEngine($0).copy() }.errors == []) }
        let expected = try FakeStore.all.map { record(try infos([$0])[0]) }.joined()
        #expect(try String(decoding: content(file), as: UTF8.self) == expected)
        #expect(try names(fake.scratch / "out").sorted() == ["nix", "nix-path-registration"])
    }

    @Test("records of one store path with different hashes are a conflict, and nothing is written")
    func contradiction() throws {
        let infos = try infos(FakeStore.all)
        for hash in [infos[0].narHash?.base16, infos[1].narHash.map { String($0.base16.reversed()) }] {
            try write(record(infos[1], hash: hash))
            let before = try InodeState.all(below: fake.scratch / "out")
            let error = #expect(throws: RootfsConflicts.self) { try RootfsPlan(try spec(infos)) }
            #expect(error?.errors.map(\.path) == [FakeStore.all[1]])
            for side in [hash, infos[1].narHash?.base16] { #expect(error?.description.contains(side ?? "") == true) }
            #expect(try InodeState.all(below: fake.scratch / "out") == before)
            try Command.succeed(["rm", file])
        }
    }

    @Test("an existing record without a hash is replaced, and derivers are left out")
    func existingRecords() throws {
        let infos = try infos(FakeStore.all)
        let deriver = "/nix/store/33333333333333333333333333333333-x.drv"
        try write(record(infos[0], hash: Self.null) + record(infos[2], deriver: deriver))
        #expect(try fake.stage(try spec([infos[0]])).errors == [])
        #expect(try String(decoding: content(file), as: UTF8.self) == record(infos[0]) + record(infos[2]))
    }

    @Test("an existing record with an unknown hash keeps the null hash")
    func unknownHashes() throws {
        let infos = try infos(FakeStore.all)
        try write(record(infos[2], hash: Self.null))
        #expect(try fake.stage(try spec([infos[0]])).errors == [])
        #expect(
            try String(decoding: content(file), as: UTF8.self) == record(infos[0]) + record(infos[2], hash: Self.null))
    }

    @Test(
        "an existing file that is not a registration is a conflict",
        arguments: ["no registration\n", "/nix/store/00000000000000000000000000000000-x\n", "{}", "\u{0}"])
    func otherFiles(_ text: String) throws {
        try write(text)
        let error = #expect(throws: RootfsConflicts.self) { try RootfsPlan(try spec(try infos(FakeStore.all))) }
        #expect(error?.errors.count == 1 && error?.description.contains("remove it first") == true)
        #expect(try content(file) == Array(text.utf8))
    }

    @Test("a registration is extended only after all store paths are complete")
    func failingCopy() throws {
        try fake.stage(try spec(try infos([FakeStore.file])))
        let before = try content(file)
        let report = Stager(try RootfsPlan(try spec(try infos([FakeStore.directory])))).stage { request in
            var request = request
            request.roots[0].source = "/no/such/source"
            return CopyEngine(request).copy()
        }
        #expect(try report.errorCount == 1 && content(file) == before)
    }

    @Test("--dry-run reports a registration that grows")
    func dryRun() throws {
        try fake.stage(try spec(try infos([FakeStore.file])))
        let isReported = { (line: String) in line.hasPrefix("file /nix-path-registration of ") }
        #expect(try !RootfsPlan(try spec(try infos([FakeStore.file]))).lines.contains(where: isReported))
        #expect(try RootfsPlan(try spec(try infos([FakeStore.directory]))).lines.contains(where: isReported))
    }
}
