import NixClosure
import Pruning
import SystemCalls
import TestSupport
import Testing
import Verification

/// What was done to a root file system is found and named, and nothing else is.
@Suite struct VerificationTests {
    private let staged: StagedStore

    init() throws { staged = try StagedStore() }

    private func run(_ command: ByteString...) throws { try Command.succeed(command) }

    @Test(arguments: [1, 2, 16]) func aCleanCopyIsClean(_ workers: Int) throws {
        let report = try staged.report { $0.workers = workers }
        #expect(report.findings == [] && report.isClean)
        #expect(report.storePaths == 3 && report.damaged == [])
        #expect(report.bytes == staged.infos.reduce(0) { $0 + ($1.narSize ?? 0) })
    }

    @Test func oneFlippedByteIsNamedWithItsFile() throws {
        let program = staged.place(StagedStore.app / "bin/program")
        try run("bash", "-c", "printf x | dd of=\"$1\" bs=1 seek=1234 conv=notrunc status=none", "bash", program)
        try run("touch", "-d", "@1", program)
        #expect(try staged.findings() == ["content app bin/program"])
        #expect(try staged.findings { $0.source = nil } == ["content app"])
        #expect(try staged.report().damaged.map(\.description) == [StagedStore.app.description])
    }

    @Test func missingPathsAreNamed() throws {
        try run("rm", "-rf", staged.place(StagedStore.library))
        #expect(try staged.findings() == ["missing library"])
    }

    @Test func unknownPathsAndLeftoversAreNamed() throws {
        try run("cp", "-a", staged.place(StagedStore.file), staged.place("33333333333333333333333333333333-more"))
        try run("mkdir", staged.place(".repot-0123456789abcdef-1"), staged.place(".links"))
        try run("touch", staged.place("note"))
        #expect(
            try staged.findings()
                == ["leftover .repot-0123456789abcdef-1", "unknown more", "unknown note"])
    }

    @Test(
        "Nix's working files are no findings",
        arguments: [
            "\(StagedStore.app).lock", "\(StagedStore.app).check", "\(StagedStore.app).old-12-3",
            "\(StagedStore.app).tmp-12-3", "\(StagedStore.app).chroot", "33333333333333333333333333333333-alone.lock",
            "trash", ".links", ".tmp-link-12-345", "tmp-12-3", "add-12-3", "nix-12-3",
        ] as [ByteString])
    func workingFiles(_ name: ByteString) throws {
        try run("touch", staged.place(name))
        try run("chmod", "600", staged.place(name))
        #expect(try staged.findings() == [])
    }

    @Test(
        "the working files of a missing store path are not findings",
        arguments: ["\(StagedStore.app).old-12-3", "\(StagedStore.app).tmp-12-3", "\(StagedStore.app).check"]
            as [ByteString])
    func workingFilesOfMissingPath(_ name: ByteString) throws {
        try run("mv", staged.place(StagedStore.app), staged.place(name))
        #expect(try staged.findings() == ["missing app"])
    }

    @Test(
        "names that only resemble those of working files are findings",
        arguments: ["33333333333333333333333333333333-alone.check", "tmp-12", "tmp-12-x", "trash-2", "link"]
            as [ByteString])
    func similarNames(_ name: ByteString) throws {
        try run("touch", staged.place(name))
        #expect(try staged.report().findings.map(\.kind) == ["unknown"])
    }

    @Test("an expected store path is verified although it looks like a lock")
    func expectedLock() throws {
        let name: ByteString = "33333333333333333333333333333333-flake.lock"
        try run("sh", "-c", "echo lock > \"$0\"; chmod 444 \"$0\"; touch -d @1 \"$0\"", staged.place(name))
        let info = try [PathInfo(StagedStore.path(name), references: [])].completed(in: staged.store)
        #expect(try staged.report(of: staged.infos + info).findings == [])
        try run("sh", "-c", "chmod 644 \"$0\"; : > \"$0\"", staged.place(name))
        #expect(
            try staged.report(of: staged.infos + info) { $0.source = nil }.findings.map(\.kind).sorted()
                == ["content", "mode", "time"])
    }

    @Test func metadataIsNamed() throws {
        try run("chmod", "644", staged.place(StagedStore.app / "share/text"))
        try run("chmod", "755", staged.place(StagedStore.library / "lib"))
        try run("touch", "-h", "-d", "@2", staged.place(StagedStore.app / "bin/lib"))
        try run("touch", "-d", "@1.5", staged.place(StagedStore.file))
        let found = try staged.findings()
        #expect(found == ["time app bin/lib", "mode app share/text", "mode library lib", "time file "])
    }

    @Test(.enabled(if: OrdinaryUser.isRoot)) func ownersAreNamed() throws {
        try run("chown", "-h", "7:8", staged.place(StagedStore.app / "bin/lib"))
        #expect(try staged.findings() == ["owner app bin/lib"])
        let all = try staged.report { $0.owner = Ownership(user: 7, group: 8) }
        #expect(all.findings.allSatisfy { $0.kind == "owner" } && all.findings.count == 3)
    }

    @Test(.enabled(if: OrdinaryUser.isRoot), arguments: StagedStore.all)
    func theOwnerOfMostIsTheRightOne(_ name: ByteString) throws {
        let owners: [ByteString] = ["7:8", "0:0"]
        for (owner, others) in zip(owners, owners.reversed()) {
            try run("chown", "-Rh", others, staged.destination)
            try run("chown", "-Rh", owner, staged.place(name))
            #expect(Set(try staged.report().findings.map { "\($0.kind) \($0.entry)" }) == ["owner \(name)"])
        }
    }

    @Test func anotherTimeMayBeAskedFor() throws {
        try run("find", staged.destination, "-exec", "touch", "-h", "-d", "@7", "{}", "+")
        #expect(try staged.findings { $0.modificationTime = 7 } == [])
        #expect(try staged.findings().map { $0.prefix(4) } == ["time", "time", "time"])
    }

    @Test func entriesThatCameAndWentAreNamed() throws {
        try run("rm", staged.place(StagedStore.app / "share/text"))
        try run("ln", "-s", "x", staged.place(StagedStore.app / "more"))
        try run("touch", "-h", "-d", "@1", staged.place(StagedStore.app / "more"))
        try run("touch", "-d", "@1", staged.place(StagedStore.app), staged.place(StagedStore.app / "share"))
        #expect(try staged.findings() == ["content app more,share/text"])
    }

    @Test func whatNoStorePathHoldsIsNamed() throws {
        try run("mkfifo", staged.place(StagedStore.app / "pipe"))
        let report = try staged.report()
        #expect(report.findings.map(\.summary) == ["unreadable app pipe"])
        #expect(report.findings[0].text(in: staged.store).contains("pipe' is a FIFO"))
    }

    /// Leaves out `lib` of the library, as `--prune '*/lib'` does, and makes a record of it.
    private func prune() throws -> PruneRecord {
        try run("rm", "-rf", staged.place(StagedStore.library / "lib"))
        try run("touch", "-d", "@1", staged.place(StagedStore.library))
        let left = try [PathInfo(StagedStore.path(StagedStore.library), references: [])].completed(in: staged.store)
        let hash = try #require(left[0].narHash)
        let record =
            "# left out\nglob */lib\npath /nix/store/\(StagedStore.library) \(hash) \(left[0].narSize ?? 0) 5000\n"
        try TreeBuilder.build(at: staged.destination) { try $0.file("nix-path-pruned", .text(record)) }
        return try PruneRecord(of: Path(staged.destination.bytes), in: staged.store)
    }

    /// What was left out on purpose has the hash of what is left.
    @Test func prunedPathsAreAsTheirRecordSays() throws {
        let pruned = try prune()
        #expect(
            try staged.findings().sorted() == [
                "content library lib,lib/lib.so", "leads-to-nothing app bin/beside", "leads-to-nothing app bin/lib",
            ])
        #expect(try staged.findings { $0.pruned = pruned } == [])
    }

    /// The record is a part of what is verified: the store's own copy has the last word on what has to be left.
    @Test func anAlteredRecordIsNoProof() throws {
        try run("chmod", "u+w", staged.place(StagedStore.app / "share"))
        try run("sh", "-c", "echo evil > \"$0\"", staged.place(StagedStore.app / "share/more"))
        let app = try [PathInfo(StagedStore.path(StagedStore.app), references: [])].completed(in: staged.store)
        let hash = try #require(app[0].narHash)
        let record = "glob */nothing\npath /nix/store/\(StagedStore.app) \(hash) \(app[0].narSize ?? 0) 0\n"
        try TreeBuilder.build(at: staged.destination) { try $0.file("nix-path-pruned", .text(record)) }
        let pruned = try PruneRecord(of: Path(staged.destination.bytes), in: staged.store)
        #expect(try staged.findings { $0.pruned = pruned }.contains("content app share/more"))
        #expect(try !staged.findings { ($0.pruned, $0.source) = (pruned, nil) }.contains { $0.hasPrefix("content") })
    }

    /// What was left out is none of the files that differ; what came back is.
    @Test func alteredFilesOfPrunedPathsAreNamed() throws {
        let pruned = try prune()
        try run("touch", "-d", "@1", staged.place(StagedStore.library / "more"))
        try run("chmod", "444", staged.place(StagedStore.library / "more"))
        try run("touch", "-d", "@1", staged.place(StagedStore.library))
        #expect(try staged.findings { $0.pruned = pruned } == ["content library more"])
        try run("rm", staged.place(StagedStore.library / "more"))
        try run("mkdir", "-m", "555", staged.place(StagedStore.library / "lib"))
        try run("touch", "-d", "@1", staged.place(StagedStore.library / "lib"), staged.place(StagedStore.library))
        #expect(try staged.findings { $0.pruned = pruned } == ["content library lib"])
    }

    /// What only that referred to which was left out need not be there.
    @Test func prunedPathsReferToWhatTheirFilesName() throws {
        for path in [staged.place(StagedStore.app / "bin"), staged.place(StagedStore.app / "share")] {
            try run("rm", "-rf", path)
        }
        try run("rm", "-rf", staged.place(StagedStore.library))
        try run("touch", "-d", "@1", staged.place(StagedStore.app))
        let app = try StagedStore.path(StagedStore.app)
        let left = try [PathInfo(app, references: [])].completed(in: staged.store)
        let hash = try #require(left[0].narHash)
        let record = "glob */bin\nglob */share\npath /nix/store/\(app) \(hash) \(left[0].narSize ?? 0) 300000\n"
        try TreeBuilder.build(at: staged.destination) { try $0.file("nix-path-pruned", .text(record)) }
        let pruned = try PruneRecord(of: Path(staged.destination.bytes), in: staged.store)
        let kept = staged.infos.filter { "\($0.path)" != "\(StagedStore.library)" }.map { info in
            var info = info
            if info.path == app { (info.narHash, info.narSize) = (hash, left[0].narSize) }
            return info
        }
        #expect(try staged.report(of: kept) { $0.pruned = pruned }.findings.map(\.summary) == [])
        #expect(try staged.report(of: kept).findings.map(\.summary).contains("refers-to-absent app"))
    }

    @Test(arguments: [
        "path x y z", "path", "glob", "glob ../x",
        "path /nix/store/\(StagedStore.file) sha256:\(String(repeating: "0", count: 64)) 2 3",
        "path /nix/store/\(StagedStore.file) sha256:1 2 3",
    ])
    func aMalformedRecordIsAnErrorWithItsLine(_ line: String) throws {
        try TreeBuilder.build(at: staged.destination) { try $0.file("nix-path-pruned", .text("#\n\(line)\n")) }
        let error = #expect(throws: PathError.self) {
            try PruneRecord(of: Path(staged.destination.bytes), in: staged.store)
        }
        #expect(error?.description.contains("line 2") == true)
    }

    @Test func aFolderWithoutStoreIsAClearError() throws {
        try run("rm", "-rf", staged.destination / "nix")
        let error = #expect(throws: PathError.self) { _ = try staged.report() }
        #expect(error?.description.contains("holds no store") == true)
    }

    /// The kernel would follow it out of the root file system.
    @Test(arguments: ["nix", "nix/store"] as [ByteString])
    func aSymlinkOnTheWayToTheStoreIsAnError(_ name: ByteString) throws {
        try run("mv", staged.destination / name, staged.scratch / "moved")
        try run("ln", "-s", staged.scratch / "moved", staged.destination / name)
        let error = #expect(throws: PathError.self) { _ = try staged.report() }
        #expect(error?.description.contains("/out/\(name)' is a symlink") == true)
    }

    @Test func anEmptyStoreIsNotComplete() throws {
        for name in StagedStore.all { try run("rm", "-rf", staged.place(name)) }
        #expect(try staged.findings() == ["missing app", "missing library", "missing file"])
        let asked = try ExpectedStore.asked(of: staged.source, about: [], .scan)
        let error = #expect(throws: PathError.self) { _ = try Verification(of: staged.store, asked).run() }
        #expect(error?.description.contains("holds no store path") == true)
    }

    @Test func cancelledRunsSaySo() throws {
        let report = try staged.report { $0.isCancelled = { true } }
        #expect(report.wasCancelled && !report.isClean && report.findings == [])
    }
}
