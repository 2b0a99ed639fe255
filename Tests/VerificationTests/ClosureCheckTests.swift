import NixClosure
import SystemCalls
import TestSupport
import Testing
import Verification

/// A closure that is not complete: what leads out of it, each named.
@Suite struct ClosureCheckTests {
    private static let absent: ByteString = "99999999999999999999999999999999-absent"

    private func findings(
        told: Int? = nil, of infos: (StagedStore) throws -> [PathInfo] = { $0.infos },
        with change: (TreeBuilder) throws -> Void = { _ in }
    ) throws -> [String] {
        let staged = try StagedStore(change)
        return ClosureCheck(try infos(staged), in: staged.source, declaredCount: told, workers: 2).findings().map(
            \.summary)
    }

    @Test func aCompleteClosureIsComplete() throws {
        #expect(try findings(told: 3) == [])
        #expect(try findings(told: 4) == ["count /nix/store"])
    }

    @Test func symlinksToAbsentPathsAreNamed() throws {
        let found = try findings(with: { tree in
            try tree.symbolicLink(StagedStore.app / "a", to: "/nix/store" / Self.absent)
            try tree.symbolicLink(StagedStore.app / "b", to: "../\(Self.absent)/x")
            try tree.symbolicLink(StagedStore.app / "c", to: "/nix/store/\(StagedStore.library)/lib/no")
            try tree.symbolicLink(StagedStore.app / "d", to: "/nix/store/\(StagedStore.app)/no")
            try tree.symbolicLink(StagedStore.app / "e", to: "../../../proc/self")
            try tree.symbolicLink(StagedStore.app / "f", to: "/nix/store")
            try tree.symbolicLink(StagedStore.app / "g", to: "bin/beside/../lib/no")
            try tree.symbolicLink(StagedStore.app / "h", to: "/nix/../nix/store/\(StagedStore.library)/lib/lib.so/no")
        })
        #expect(found == ["a", "b", "c", "g", "h"].map { "leads-to-nothing app \($0)" })
    }

    /// The knots of another store path are its own; its links that lead out of it are named there.
    @Test func linksToLinksAreNotFollowed() throws {
        let found = try findings(with: { tree in
            try tree.symbolicLink(StagedStore.library / "a", to: "/nix/store/\(StagedStore.app)/broken")
            try tree.symbolicLink(StagedStore.library / "b", to: "../\(StagedStore.app)/loop")
            try tree.symbolicLink(StagedStore.library / "c", to: "../\(StagedStore.app)/loop/x")
        })
        #expect(found == [])
    }

    /// No name has more than 255 bytes, but a target may.
    @Test func targetsThatHoldATextLeadToNothing() throws {
        let long = ByteString(String(repeating: "x", count: 300))
        let found = try findings(with: { tree in
            try tree.symbolicLink(StagedStore.app / "inside", to: long)
            try tree.symbolicLink(StagedStore.app / "out", to: "/nix/store" / long)
        })
        #expect(found == ["leads-to-nothing app out"])
    }

    @Test("where references are declared, the name of an absent path in a file is a note", arguments: [false, true])
    func declaredReferences(_ isDeclared: Bool) throws {
        let staged = try StagedStore { tree in
            try tree.file(StagedStore.app / "page", .text("/nix/store/\(Self.absent)"))
            try tree.symbolicLink(StagedStore.app / "link", to: "/nix/store" / Self.absent)
        }
        var check = ClosureCheck(staged.infos, in: staged.source, workers: 2)
        check.declaresReferences = isDeclared
        let findings = check.findings()
        #expect(
            findings.map(\.summary)
                == ["leads-to-nothing app link", isDeclared ? "mentions-absent app page" : "names-absent app page"])
        #expect(findings.map(\.isNote) == [false, isDeclared])
    }

    /// In every position around the bytes that are looked at together, and around the end of what is read at once.
    @Test(arguments: [0, 100, 240, 1000])
    func filesThatNameAbsentPathsAreNamed(_ after: Int) throws {
        let name = Array("/nix/store/\(Self.absent)/".utf8)
        let end = 256 * 1024
        let places = Array(0...70) + Array(end - 280...end + 10)
        let staged = try StagedStore { tree in
            for place in places {
                let filler = [UInt8](repeating: UInt8(ascii: place % 2 == 0 ? "/" : "z"), count: place)
                let rest = [UInt8](repeating: UInt8(ascii: "n"), count: after)
                try tree.file(StagedStore.app / ByteString("names/\(place)"), .bytes(filler + name + rest))
            }
        }
        let findings = ClosureCheck(staged.infos, in: staged.source, workers: 2).findings()
        #expect(findings.map(\.kind) == ["names-absent"])
        #expect(Set(findings.flatMap(\.files).map(\.description)) == Set(places.map { "names/\($0)" }))
    }

    /// Known hashes count whatever follows them; what only looks like a name does not.
    @Test func otherTextIsNoName() throws {
        let known = "/nix/store/11111111111111111111111111111111-library-and-more."
        let tooShort = "/nix/store/9999999999999999999999999999999-x"
        let tooLong = "/nix/store/999999999999999999999999999999999-x"
        let noDigit = "/nix/store/eeeeeeeeeeeeeeeeeeeeeeeeeeeeeeee-x"
        let elsewhere = "/gnu/store/99999999999999999999999999999999-x"
        let bare = "99999999999999999999999999999999-x /99999999999999999999999999999999-x"
        for text in [known, tooShort, tooLong, noDigit, elsewhere, bare, String(repeating: "0", count: 3000)] {
            #expect(try findings(with: { try $0.file(StagedStore.app / "text", .text(text)) }) == [], "\(text)")
        }
    }

    @Test func openReferencesAreNamed() throws {
        let found = try findings(told: nil) { staged in
            let reference = try StagedStore.path(Self.absent)
            return staged.infos + [PathInfo(try StagedStore.path(StagedStore.file), references: [reference])]
        }
        #expect(found == ["refers-to-absent file"])
    }

    /// Neither what files name that are left out, nor what only they may have referred to; a link to them may lead
    /// nowhere.
    @Test func whatIsLeftOutDoesNotCount() throws {
        let name = "/nix/store/\(Self.absent)"
        let staged = try StagedStore { tree in
            try tree.file(StagedStore.app / "share/doc/page", .text(name))
            try tree.symbolicLink(StagedStore.app / "share/doc/link", to: ByteString(name))
            try tree.symbolicLink(StagedStore.library / "doc", to: "/nix/store/\(StagedStore.app)/share/doc/none")
        }
        let app = try StagedStore.path(StagedStore.app)
        let infos = try staged.infos.map { info in
            PathInfo(info.path, references: info.path == app ? [try StagedStore.path(Self.absent)] : [])
        }
        var check = ClosureCheck(infos, in: staged.source, workers: 2)
        #expect(
            check.findings().map(\.summary) == [
                "refers-to-absent app", "leads-to-nothing app share/doc/link", "names-absent app share/doc/page",
                "leads-to-nothing library doc",
            ])
        check.excluded = [app: ["share/doc"]]
        #expect(check.findings() == [])
        check.excluded = [app: ["share/doc/link"]]
        #expect(check.findings().map(\.summary) == ["names-absent app share/doc/page"])
    }

    /// A run that moves may be repeated.
    @Test func whatWasMovedIsLookedAtWhereItIs() throws {
        let staged = try StagedStore()
        let moved = try Store(directory: "/nix/store", root: Path((staged.scratch / "moved").bytes))
        try Command.succeed(["mkdir", "-p", staged.scratch / "moved/nix/store"])
        for name in [StagedStore.library, StagedStore.app] {
            try Command.succeed([
                "mv", staged.scratch / "root/nix/store" / name, staged.scratch / "moved/nix/store" / name,
            ])
            var check = ClosureCheck(staged.infos, in: staged.source, declaredCount: 3, workers: 2)
            #expect(!check.findings().isEmpty)
            check.moved = moved
            #expect(check.findings() == [])
        }
    }

    /// References of those that do not belong to the closure are none of its.
    @Test func pathsOutsideOfTheClosureAreAbsentWhereverTheyLie() throws {
        let found = try findings(told: 1) { Array($0.infos.prefix(1)) }
        #expect(Set(found) == ["refers-to-absent app", "names-absent app share/text"])
    }

    @Test func missingPathsAreNamed() throws {
        let found = try findings(told: 4) { staged in
            staged.infos + [PathInfo(try StagedStore.path(Self.absent), references: [])]
        }
        #expect(found == ["count /nix/store", "unreadable absent"])
    }
}
