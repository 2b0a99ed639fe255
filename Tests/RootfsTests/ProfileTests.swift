import NixClosure
import Rootfs
import StoreFixture
import SystemCalls
import TestSupport
import Testing
import TreeCopy

/// Profiles as trees of symlinks.
@Suite struct ProfileTests {
    private let fake: FakeStore
    private let one: Path
    private let two: Path

    init() throws {
        fake = try FakeStore()
        one = try fake.add("a", "one") { tree in
            try tree.file("bin/one", .text("one"))
            try tree.file("share/doc/one/page", .text("page"))
            try tree.file("share/same", .text("same"))
            try tree.file("nix-support/setup-hook", .text("hook"))
            try tree.file("propagated-build-inputs", .text("inputs"))
            try tree.file("README", .text("read me"))
        }
        two = try fake.add("b", "two") { tree in
            try tree.file("sbin/two", .text("two"))
            try tree.symbolicLink("bin", to: "sbin")
            try tree.file("share/doc/two/page", .text("page"))
            try tree.file("share/same", .text("same"))
            try tree.file("etc/ssl/cert", .text("cert"))
        }
    }

    /// `path -> target` for a symlink, `path/` for a directory, `path` for a file; the store's directories left out.
    private func shown(_ additions: RootfsAdditions, _ paths: [Path]? = nil) throws -> [String] {
        let entries = try fake.contents(paths ?? [one, two] + FakeStore.all, additions).entries
        return entries.filter { !$0.path.hasPrefix("nix") }.map { entry in
            switch entry.content {
            case .directory: "\(entry.path)/"
            case .symlink(let target): "\(entry.path) -> \(target)"
            case .file: "\(entry.path)"
            }
        }
    }

    private func profiles(_ profiles: [Path], skeleton: Bool = false) -> RootfsAdditions {
        var additions = RootfsAdditions()
        additions.profiles = profiles
        additions.hasSkeleton = skeleton
        return additions
    }

    private func conflicts(_ additions: RootfsAdditions, _ paths: [Path]? = nil) -> [PathError] {
        let error = #expect(throws: RootfsConflicts.self) {
            try fake.contents(paths ?? [one, two] + FakeStore.all, additions)
        }
        return error?.errors ?? []
    }

    @Test func aFolderOfOneProfileIsOneSymlink() throws {
        #expect(
            try shown(profiles([one])) == [
                "README -> \(one)/README", "bin/", "bin/one -> \(one)/bin/one", "share/",
                "share/doc -> \(one)/share/doc",
                "share/same -> \(one)/share/same",
            ])
    }

    /// Also where one of them comes by a symlink to a folder.
    @Test func foldersOfSeveralAreMerged() throws {
        #expect(
            try shown(profiles([one, two])) == [
                "README -> \(one)/README", "bin/", "bin/one -> \(one)/bin/one", "bin/two -> \(two)/sbin/two", "etc/",
                "etc/ssl -> \(two)/etc/ssl", "sbin/", "sbin/two -> \(two)/sbin/two", "share/", "share/doc/",
                "share/doc/one -> \(one)/share/doc/one", "share/doc/two -> \(two)/share/doc/two",
                "share/same -> \(one)/share/same",
            ])
    }

    /// A profile that `buildEnv` has made: its folders are symlinks to those of others.
    @Test func aProfileOfProfilesLeadsToTheirFiles() throws {
        let environment = try fake.add("c", "environment") { tree in
            try tree.symbolicLink("bin", to: "\(one)/bin")
            try tree.symbolicLink("share", to: "../\(two.lastComponent)/share")
        }
        #expect(
            try shown(profiles([environment, one]), [environment, one, two]) == [
                "README -> \(one)/README", "bin/", "bin/one -> \(one)/bin/one", "share/", "share/doc/",
                "share/doc/one -> \(one)/share/doc/one", "share/doc/two -> \(two)/share/doc/two",
                "share/same -> \(two)/share/same",
            ])
    }

    @Test func somethingElseInAFolderMakesItADirectory() throws {
        var additions = profiles([two])
        additions.symlinks = [try #require(RootfsSymlink(path: "/etc/ssl/own", target: FakeStore.file))]
        #expect(
            try shown(additions).filter { $0.hasPrefix("etc") } == [
                "etc/", "etc/ssl/", "etc/ssl/cert -> \(two)/etc/ssl/cert", "etc/ssl/own -> \(FakeStore.file)",
            ])
    }

    @Test func theSkeletonLiesBesideAProfile() throws {
        let lines = try shown(profiles([two], skeleton: true))
        #expect(lines.contains("etc/passwd") && lines.contains("etc/ssl -> \(two)/etc/ssl"))
    }

    @Test func symlinksThatLeadInCirclesEnd() throws {
        let circle = try fake.add("d", "circle") { tree in
            try tree.symbolicLink("bin", to: "lib")
            try tree.symbolicLink("lib", to: "bin")
            try tree.symbolicLink("share/up", to: "..")
            try tree.symbolicLink("etc", to: "/etc")
        }
        let other = try fake.add("f", "other") { try $0.file("share/up/share/up/file") }
        #expect(
            try shown(profiles([circle]), [circle]) == [
                "bin -> \(circle)/bin", "etc -> \(circle)/etc", "lib -> \(circle)/lib", "share/",
                "share/up -> \(circle)/share/up",
            ])
        #expect(
            try shown(profiles([circle, other]), [circle, other]).contains(
                "share/up/share/up/file -> \(other)/share/up/share/up/file"))
    }

    /// Brought together, they would be a tree without an end.
    @Test(arguments: ["..", ".", "../share", "../lib/share"]) func circlesOfSeveralAreAConflict(_ target: ByteString)
        throws
    {
        let circles = try ["d", "f"].map { digit in
            try fake.add(digit, "circle-\(digit)") { tree in
                try tree.symbolicLink("share/circle", to: target)
                try tree.symbolicLink("lib", to: ".")
            }
        }
        let errors = conflicts(profiles(circles), circles)
        #expect(!errors.isEmpty && errors.allSatisfy { $0.description.contains("leads back to where it lies") })
        let said = errors.first?.description ?? ""
        #expect(circles.allSatisfy { said.contains("\($0)") })
    }

    /// A symlink to where it lies leads to a folder.
    @Test func aSymlinkToItsOwnFolderIsThatFolder() throws {
        let dot = try fake.add("d", "dot") { tree in
            try tree.file("usr/bin/dot")
            try tree.symbolicLink("usr/usr", to: ".")
            try tree.symbolicLink("bin", to: "usr/usr/bin")
            try tree.symbolicLink("sbin", to: "usr/usr")
        }
        #expect(
            try shown(profiles([dot]), [dot]).filter { $0.hasPrefix("bin") || $0.hasPrefix("sbin") } == [
                "bin/", "bin/dot -> \(dot)/usr/bin/dot", "sbin/", "sbin/bin -> \(dot)/usr/bin",
                "sbin/usr -> \(dot)/usr/usr",
            ])
    }

    @Test func collisionsAreNamedWithBothSides() throws {
        let three = try fake.add("c", "three") { tree in
            try tree.file("bin/one", .text("another"))
            try tree.file("share/same", .text("same"), Attributes(mode: 0o755))
            try tree.file("share/doc", .text("a file"))
        }
        let errors = conflicts(profiles([one, three]), [one, three])
        #expect(errors.map(\.path) == ["bin/one", "share/doc", "share/same"])
        for error in errors {
            #expect(
                error.description.contains("\(one)/\(error.path)")
                    && error.description.contains("\(three)/\(error.path)"))
        }
    }

    /// Whoever made the closure writes nothing on a terminal, and no line of his own.
    @Test func namesAreQuoted() throws {
        let odd = try ["d", "f"].map { digit in
            try fake.add(digit, "odd-\(digit)") { try $0.file("bin/\u{1b}[31m\nrepot: name", .text("\(digit)")) }
        }
        let name = #"bin/'$'\033''[31m'$'\n''repot: name'"#
        let error = try #require(conflicts(profiles(odd), odd).first)
        #expect(error.description.hasPrefix("'/\(name) is different in --profile \(odd[0]) ('\(odd[0])/\(name)) and "))
        var spec = try fake.spec(odd)
        spec.additions = profiles([odd[0]])
        #expect(try RootfsPlan(spec).lines.last == "symlink '/\(name) -> '\(odd[0])/\(name)")
    }

    /// The files of two profiles, which differ, and the entries of the root file system where they are merged.
    private static let ignored: [(String, [String])] = [
        ("manifest.nix", []), ("manifest.json", []), ("log", []), ("propagated-build-inputs", []),
        ("nix-support/propagated-build-inputs", []), ("perllocal.pod", []),
        ("lib/perl5/perllocal.pod", ["lib/", "lib/perl5/"]), ("lib/log", ["lib/"]), ("info/dir", ["info/"]),
        ("share/info/dir", ["share/", "share/info/"]), ("share/mime/mime.cache", ["share/", "share/mime/"]),
        ("share/mime/text/x-own.xml", ["share/", "share/mime/"]),
    ]

    @Test("profiles do not conflict in names that buildEnv and nix-env ignore", arguments: ignored)
    func ignoredNames(_ file: String, _ entries: [String]) throws {
        let both = try ["c", "d"].map { digit in
            try fake.add(digit, "ignored-\(digit)") { try $0.file(ByteString(file), .text("\(digit)")) }
        }
        #expect(try shown(profiles(both), both) == entries)
    }

    @Test(
        "names that only resemble the ignored ones are a conflict",
        arguments: [
            "share/mime/packages/own.xml", "share/dir", "info/directory", "etc/manifest.json", "lib/manifest.nix",
            "share/mimes/cache", "etc/share/mime/cache", "logs", "var/log.txt", "bin/nix-support",
        ])
    func similarNames(_ file: String) throws {
        let both = try ["c", "d"].map { digit in
            try fake.add(digit, "similar-\(digit)") { try $0.file(ByteString(file), .text("\(digit)")) }
        }
        #expect(conflicts(profiles(both), both).map(\.path) == [Path(file)])
    }

    @Test func aProfileHasToBeAFolderOfTheClosure() throws {
        #expect(conflicts(profiles([FakeStore.file])).map(\.path) == [FakeStore.file])
        #expect(conflicts(profiles([two]), [one]).map(\.path) == [two])
    }

    /// Not all of them can be held open.
    @Test func manyFolders() throws {
        let many = try ["c", "d"].map { digit in
            try fake.add(digit, "many-\(digit)") { tree in
                for number in 0..<100 { try tree.file("share/\(number)/deep/\(digit)") }
            }
        }
        var spec = try fake.spec(many)
        spec.additions = profiles(many)
        let before = try DescriptorCount.now()
        var open = 0
        let report = Stager(try RootfsPlan(spec)).stage { request in
            open = ((try? DescriptorCount.now()) ?? 0) - before
            return CopyEngine(request).copy()
        }
        #expect(report.errors == [] && report.counts.symlinks == 200)
        #expect((3...100).contains(open))
        #expect(try names(fake.scratch / "out/share/42/deep") == ["c", "d"])
        #expect(try metadata(fake.scratch / "out/share/42/deep").modified.seconds == 1)
    }

    /// What a partial list leaves out is no place to lead to.
    @Test func aFolderOutsideTheClosureIsAnError() throws {
        let environment = try fake.add("c", "environment") { try $0.symbolicLink("bin", to: "\(one)/bin") }
        #expect(conflicts(profiles([environment]), [environment]).map(\.path) == [one])
    }

    @Test func nothingOfAProfileMayBeInTheStore() throws {
        let bad = try fake.add("c", "bad") { try $0.file("nix/store/file") }
        let error = conflicts(profiles([bad]), [bad]).first
        #expect(error?.description.contains("holds store paths only") == true)
    }

    @Test("all conflicts are reported at once, those in the destination too")
    func allConflictsAreNamed() throws {
        var spec = try fake.spec([one, two])
        spec.additions = profiles([one, two], skeleton: true)
        spec.additions.registration = []
        spec.additions.symlinks =
            ([("/nix-path-registration", one), ("/nix/store/x", one), ("/share", two)] as [(Path, Path)])
            .compactMap { RootfsSymlink(path: $0, target: $1) }
        try TreeBuilder.build(at: fake.scratch / "out") { tree in
            try tree.file("etc/ssl", .text("other"))
            try tree.file("tmp/file")
            try tree.symbolicLink("bin", to: "nowhere")
            try tree.file("sbin")
        }
        let before = try InodeState.all(below: fake.scratch / "out")
        let error = #expect(throws: RootfsConflicts.self) { try RootfsPlan(spec) }
        #expect(
            error?.errors.map(\.path)
                == ["nix/store", "nix-path-registration", "share", "bin", "etc/ssl", "sbin", "tmp"])
        #expect(try InodeState.all(below: fake.scratch / "out") == before)
    }
}
