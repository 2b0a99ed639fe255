import SystemCalls
import TestSupport
import Testing
import TreeCopy

/// What the kernel passes on from a directory to its new entries must not show in a copy.
@Suite struct InheritanceTests {
    private let scratch: Scratch
    private static let list = AccessList.allowing(user: 65534, .all)

    init() throws {
        scratch = try Scratch()
        try RandomTree(seed: 11, shape: .asRoot).build(at: scratch / "source")
    }

    private static let parents: [(String, Attributes)] = [
        ("default ACL", Attributes(defaultAccessList: list)),
        ("setgid", Attributes(mode: 0o2775, group: 4321)),
        ("both, and closed to others", Attributes(mode: 0o2750, group: 4321, defaultAccessList: list)),
    ]

    @Test(arguments: 0..<3, [Publication.inPlace, .whenDone, .whole])
    func nothingInheritedIsLeft(parent: Int, publication: Publication) throws {
        let (name, attributes) = Self.parents[parent]
        try TreeBuilder.build(at: scratch.path) { try $0.directory("parent", attributes) }
        let report = copyTree(scratch / "source", to: scratch / "parent/copy", publication: publication)
        #expect(report.errors == [], "\(name)")
        #expect(try difference(scratch / "source", scratch / "parent/copy") == [], "\(name)")
    }

    @Test(arguments: 0..<3)
    func singleFilesInheritNothingEither(parent: Int) throws {
        let (name, attributes) = Self.parents[parent]
        try TreeBuilder.build(at: scratch.path) { tree in
            try tree.directory("parent", attributes)
            try tree.file("files/plain", .text("x"), Attributes(mode: 0o640))
            try tree.file("files/open", .empty, Attributes(mode: 0o666, owner: 5))
            try tree.file("files/listed", .text("x"), Attributes(accessList: .allowing(user: 3, .read)))
            try tree.symbolicLink("files/link", to: "x")
            try tree.fifo("files/fifo", Attributes(mode: 0o604))
        }
        for file: ByteString in ["plain", "open", "listed", "link", "fifo"] {
            let report = copyTree(scratch / "files" / file, to: scratch / "parent" / file)
            #expect(report.errors == [], "\(name)")
            #expect(try difference(scratch / "files" / file, scratch / "parent" / file) == [], "\(name)")
        }
    }

    /// Into directories that are there, with lists of their own that the source does not have.
    @Test func mergingRemovesTheListsThatTheSourceLacks() throws {
        copyTree(scratch / "source", to: scratch / "copy")
        let tree = try TreeSnapshot(of: scratch / "copy")
        let builder = try TreeBuilder(at: scratch / "copy")
        for path in tree.paths where tree[path]?.kind == .directory && !path.isEmpty {
            try builder.set(
                Attributes(mode: 0o2777, accessList: Self.list, defaultAccessList: Self.list), on: path)
        }
        try Command.succeed(["find", scratch / "copy", "-type", "f", "-delete"])
        let report = copyTree(scratch / "source", to: scratch / "copy")
        #expect(report.errors == [])
        #expect(try difference(scratch / "source", scratch / "copy") == [])
    }

    /// Defaults of the source itself are kept, and apply to nothing that the copy makes.
    @Test func defaultListsOfTheSourceAreKept() throws {
        try TreeBuilder.build(at: scratch / "lists") { tree in
            try tree.directory("a", Attributes(mode: 0o700, defaultAccessList: Self.list))
            try tree.directory("a/b", Attributes(mode: 0o755))
            try tree.file("a/b/f", .text("x"), Attributes(mode: 0o600))
            try tree.directory("a/c", Attributes(mode: 0o2755, group: 99, accessList: Self.list))
            tree.root(Attributes(mode: 0o755, defaultAccessList: .allowing(user: 1, .read)))
        }
        let report = copyTree(scratch / "lists", to: scratch / "copy", publication: .whole)
        #expect(report.errors == [])
        #expect(try difference(scratch / "lists", scratch / "copy") == [])
    }
}
