import NixClosure
import Rootfs
import StoreFixture
import SystemCalls
import TestSupport
import Testing
import TreeCopy

/// The skeleton beside entries that the user names, and beside existing ones.
@Suite struct SkeletonPrecedenceTests {
    private let fake: FakeStore
    private let certificates: Path

    init() throws {
        fake = try FakeStore()
        certificates = try fake.add("a", "certificates") { try $0.file("etc/ssl/certs/ca-bundle.crt", .text("bundle")) }
    }

    /// Each file and symlink of the skeleton.
    private static let files = [
        "etc/group", "etc/hosts", "etc/nsswitch.conf", "etc/passwd", "etc/pki/tls/certs/ca-bundle.crt",
        "etc/ssl/certs/ca-bundle.crt", "etc/ssl/certs/ca-certificates.crt",
    ]
    /// Each directory of the skeleton that is not only the parent of another entry.
    private static let directories = ["root", "tmp", "var/tmp"]

    private func additions(_ change: (inout RootfsAdditions) -> Void = { _ in }) -> RootfsAdditions {
        var additions = RootfsAdditions()
        additions.hasSkeleton = true
        change(&additions)
        return additions
    }

    private func entries(_ additions: RootfsAdditions) throws -> [Path: RootfsEntry.Content] {
        let paths = FakeStore.all + [certificates] + additions.profiles
        let entries = try fake.contents(paths, additions).entries
        return Dictionary(uniqueKeysWithValues: entries.map { ($0.path, $0.content) })
    }

    @Test("the table of this suite has all entries of the skeleton")
    func allEntries() throws {
        let found = try entries(additions()).filter { path, content in
            if case .directory(let mode) = content { mode != 0o755 } else { true }
        }
        #expect(found.keys.map(\.description).sorted() == (Self.files + Self.directories).sorted())
    }

    @Test("an entry of the skeleton yields to a --symlink", arguments: files + directories)
    func yieldsToSymlink(_ path: String) throws {
        let link = try #require(RootfsSymlink(path: Path(path), target: FakeStore.file))
        #expect(try entries(additions { $0.symlinks = [link] })[Path(path)] == .symlink(target: FakeStore.file))
    }

    @Test("the skeleton yields to a --symlink above its entries", arguments: ["etc", "var", "etc/ssl", "etc/pki"])
    func yieldsToSymlinkAbove(_ path: String) throws {
        let link = try #require(RootfsSymlink(path: Path(path), target: FakeStore.directory))
        let found = try entries(additions { $0.symlinks = [link] })
        #expect(found[Path(path)] == .symlink(target: FakeStore.directory))
        #expect(found.keys.allSatisfy { $0 == Path(path) || !$0.hasPrefix(Path(path)) })
    }

    @Test("an entry of the skeleton yields to a file of a --profile", arguments: files + directories)
    func yieldsToProfile(_ path: String) throws {
        let profile = try fake.add("b", "profile") { try $0.file(ByteString(path), .text("own")) }
        let found = try entries(additions { $0.profiles = [profile] })[Path(path)]
        let isCopied = ["etc/group", "etc/hosts", "etc/passwd"].contains(path)
        #expect(
            found
                == (isCopied
                    ? .file(Array("own".utf8), mode: 0o644) : .symlink(target: profile.appending(Path(path)))))
    }

    @Test("a file of the skeleton yields to entries below it", arguments: files)
    func yieldsToEntriesBelow(_ path: String) throws {
        let link = try #require(RootfsSymlink(path: Path(path + "/below"), target: FakeStore.file))
        let found = try entries(additions { $0.symlinks = [link] })
        #expect(found[Path(path)] == .directory(mode: 0o755))
    }

    @Test("a directory of the skeleton keeps its mode beside the entries of a --profile", arguments: directories)
    func directoriesKeepTheirModes(_ path: String) throws {
        let profile = try fake.add("b", "profile") { try $0.file(ByteString(path + "/file"), .text("own")) }
        let found = try entries(additions { $0.profiles = [profile] })
        #expect(found[Path(path)] == (try entries(additions()))[Path(path)])
        #expect(found[Path(path + "/file")] == .symlink(target: profile.appending(Path(path + "/file"))))
    }

    @Test("a file of the skeleton yields to an existing entry, which is not touched", arguments: files)
    func yieldsToExistingEntries(_ path: String) throws {
        let existing = fake.scratch / "out" / ByteString(path)
        for makes in [
            { try $0.file(ByteString(path), .text("own"), Attributes(mode: 0o600)) },
            { try $0.symbolicLink(ByteString(path), to: "own") },
        ] as [(TreeBuilder) throws -> Void] {
            try TreeBuilder.build(at: fake.scratch / "out", makes)
            let before = try InodeState.all(below: existing)
            var spec = try fake.spec(FakeStore.all + [certificates])
            spec.additions = additions()
            #expect(try fake.stage(spec).errors == [])
            #expect(try InodeState.all(below: existing) == before)
            try Command.succeed(["rm", "-r", fake.scratch / "out"])
        }
    }

    @Test("a second closure with another bundle keeps that of the first one")
    func secondClosure() throws {
        let other = try fake.add("b", "other") { try $0.file("etc/ssl/certs/ca-bundle.crt", .text("other")) }
        for paths in [[certificates], [other]] {
            var spec = try fake.spec(paths)
            spec.additions = additions()
            #expect(try fake.stage(spec).errors == [])
        }
        let link = try Command.succeed(["readlink", fake.scratch / "out/etc/ssl/certs/ca-bundle.crt"]).outputText
        #expect(link == "\(certificates)/etc/ssl/certs/ca-bundle.crt\n")
    }

    /// A file of a profile at these paths would be an absolute symlink, which containerd refuses.
    @Test(
        "files that a container runtime reads or mounts over are copies of a profile's files",
        arguments: ["etc/passwd", "etc/group", "etc/hosts", "etc/hostname", "etc/resolv.conf"])
    func runtimeFiles(_ path: String) throws {
        let package = try fake.add("b", "package") { try $0.file("file", .text("own"), Attributes(mode: 0o444)) }
        let profile = try fake.add("c", "profile") { tree in
            try tree.symbolicLink(ByteString(path), to: "\(package)/file")
            try tree.symbolicLink("etc/other", to: "\(package)/file")
        }
        var spec = try fake.spec([package, profile])
        spec.additions.profiles = [profile]
        #expect(try fake.stage(spec).errors == [])
        let made = fake.scratch / "out" / ByteString(path)
        #expect(try metadata(made).kind == .regular && content(made) == Array("own".utf8))
        #expect(try metadata(made).mode == FileMode(rawValue: 0o644) && metadata(made).modified.seconds == 1)
        #expect(try metadata(fake.scratch / "out/etc/other").kind == .symlink)
    }
}
