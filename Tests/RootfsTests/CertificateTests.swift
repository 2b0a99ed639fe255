import NixClosure
import Rootfs
import StoreFixture
import SystemCalls
import TestSupport
import Testing

/// The certificate bundle of the skeleton.
@Suite struct CertificateTests {
    private static let names = [
        "etc/pki/tls/certs/ca-bundle.crt", "etc/ssl/certs/ca-bundle.crt", "etc/ssl/certs/ca-certificates.crt",
    ]
    private let fake: FakeStore
    private let one: Path
    private let two: Path

    init() throws {
        fake = try FakeStore()
        one = try fake.add("a", "one") { try $0.file("etc/ssl/certs/ca-bundle.crt", .text("one")) }
        two = try fake.add("b", "two") { tree in
            try tree.file("etc/ssl/certs/ca-bundle.crt", .text("two"))
            try tree.file("share/own.pem", .text("own"))
        }
    }

    private func additions(symlinks: [(Path, Path)] = [], profiles: [Path] = []) -> RootfsAdditions {
        var additions = RootfsAdditions()
        additions.hasSkeleton = true
        additions.symlinks = symlinks.compactMap { RootfsSymlink(path: $0, target: $1) }
        additions.profiles = profiles
        return additions
    }

    /// The targets of the symlinks with the names of a bundle, in the order of `names`; nil where there is none.
    private func targets(_ paths: [Path], _ additions: RootfsAdditions) throws -> [Path?] {
        let entries = try fake.contents(paths, additions).entries
        return Self.names.map { name in
            let entry = entries.first { $0.path == Path(name) }
            guard case .symlink(let target) = entry?.content else { return nil }
            return target
        }
    }

    private func bundle(_ path: Path) -> Path { path.appending("etc/ssl/certs/ca-bundle.crt") }

    @Test("the bundle of the closure has the three names of dockerTools.caCertificates")
    func hasThreeNames() throws {
        #expect(try targets([one], additions()) == [bundle(one), bundle(one), bundle(one)])
        #expect(try targets(FakeStore.all, additions()) == [nil, nil, nil])
    }

    @Test("bundles with the same content, or behind symlinks, do not conflict")
    func equalBundles() throws {
        let same = try fake.add("c", "same") { try $0.file("etc/ssl/certs/ca-bundle.crt", .text("one")) }
        let linked = try fake.add("d", "linked") { try $0.symbolicLink("etc", to: "\(one)/etc") }
        #expect(try targets([one, same, linked], additions()) == [bundle(one), bundle(one), bundle(one)])
    }

    @Test("bundles that differ are one conflict, which names both and recommends --symlink")
    func differentBundles() throws {
        let error = #expect(throws: RootfsConflicts.self) { try fake.contents([one, two], additions()) }
        let text = error?.errors.first?.description ?? ""
        #expect(error?.errors.count == 1 && text.contains("\(one)/") && text.contains("\(two)/"))
        #expect(text.contains("choose one with --symlink /etc/ssl/certs/ca-bundle.crt=FILE"))
    }

    @Test("a --symlink for one of the names decides for all of them", arguments: names)
    func symlinkDecides(_ name: String) throws {
        for target in [bundle(two), two.appending("share/own.pem")] {
            let found = try targets([one, two], additions(symlinks: [(Path("/" + name), target)]))
            #expect(found == [target, target, target])
        }
    }

    @Test("a --symlink for a directory above the names replaces the names below it")
    func symlinkAbove() throws {
        let additions = additions(symlinks: [("/etc/ssl", two.appending("etc/ssl"))])
        #expect(try targets([one, two], additions) == [bundle(two), nil, nil])
    }

    @Test("two names with a --symlink each keep their own targets")
    func symlinksDiffer() throws {
        let links = zip(Self.names, [bundle(one), bundle(two)]).map { (Path("/" + $0), $1) }
        let found = try targets([one, two], additions(symlinks: links))
        #expect(found == [bundle(one), bundle(two), bundle(two)])
    }

    @Test("the bundle of a --profile wins over the others of the closure")
    func profileDecides() throws {
        #expect(try targets([one, two], additions(profiles: [two])) == [bundle(two), bundle(two), bundle(two)])
        let own = try fake.add("c", "own") { tree in
            try tree.file("etc/ssl/certs/ca-certificates.crt", .text("own"))
            try tree.file("etc/ssl/openssl.cnf", .text("configuration"))
        }
        let target = own.appending("etc/ssl/certs/ca-certificates.crt")
        let paths = [one, two, own]
        #expect(try targets(paths, additions(profiles: [own])) == [target, target, target])
        let entries = try fake.contents(paths, additions(profiles: [own])).entries
        #expect(entries.contains { $0.path == "etc/ssl/openssl.cnf" })
    }
}
