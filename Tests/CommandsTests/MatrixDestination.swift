/// Where a case of the matrix copies to: entries, and the operand that names it.
struct MatrixDestination: Sendable {
    let name: String
    let items: [MatrixItem]
    let operand: String
    let needs: Set<Need>

    enum Need: Sendable {
        /// A source that can be hard-linked, which excludes directories and what is not there.
        case linkable
        /// A source of the name src that exists.
        case source
        case directory
        /// A source that is a symlink to `real`.
        case link
        /// Says something to those without privileges alone.
        case ordinary
        /// Not to be opened, for that waits for a reader.
        case unopened
    }

    init(_ name: String, at operand: String = "dst", needs: Set<Need> = [], _ items: [MatrixItem]) {
        self.name = name
        self.operand = operand
        self.needs = needs
        self.items = items
    }

    func suits(_ source: MatrixSource) -> Bool {
        if needs.contains(.linkable), source.traits.contains(.unlinkable) { return false }
        if needs.contains(.source), !source.items.contains(where: { $0.path == "src" }) { return false }
        if needs.contains(.link), source.name != "link" { return false }
        return !needs.contains(.directory) || source.isDirectory
    }
}

extension MatrixDestination {
    private static let later = 500_000
    private static let earlier = -500_000

    static let absent = MatrixDestination("absent", [])
    static let file = MatrixDestination("file", [.file("dst", "before\n", mode: 0o600).aged(later)])
    static let older = MatrixDestination("older", [.file("dst", "before\n", mode: 0o755).aged(earlier)])
    static let linked = MatrixDestination(
        "linked", [.file("dst", "before\n").aged(earlier), .hardLink("dst.twin", to: "dst")])
    static let linkToFile = MatrixDestination(
        "link-to-file",
        [
            .file("place", "before\n").aged(earlier), .symlink("dst", to: "place"),
        ])
    static let dangling = MatrixDestination("dangling", [.symlink("dst", to: "place")])
    static let holdsFile = MatrixDestination(
        "dir-with-file",
        [
            .directory("dst"), .file("dst/src", "before\n", mode: 0o600).aged(earlier),
            .file("dst/two", "before\n").aged(later),
        ])
    static let holdsDirectory = MatrixDestination(
        "dir-with-dir",
        [
            .directory("dst"), .directory("dst/src", mode: 0o700),
            .file("dst/src/a", "before\n", mode: 0o600).aged(earlier),
            .file("dst/src/own"), .symlink("dst/src/link", to: "own"), .directory("dst/src/sub"),
            .file("dst/src/sub/deep", "before\n").aged(later), .hardLink("dst/src/twin", to: "dst/src/a"),
        ])

    /// Those that every set of options meets.
    static let core = [absent, file, older, linked, linkToFile, dangling, holdsFile, holdsDirectory]

    static let all = core + files + same + sameElsewhere + links + directories + guarded

    private static let files = [
        MatrixDestination("absent/", at: "dst/", []),
        MatrixDestination("in-missing-dir", at: "no/dst", []),
        MatrixDestination("in-file", at: "dst/x", [.file("dst")]),
        MatrixDestination("file/", at: "dst/", [.file("dst", "before\n")]),
        MatrixDestination("readonly", [.file("dst", "before\n", mode: 0o444).aged(earlier)]),
        MatrixDestination("equal-time", [.file("dst", "before\n", mode: 0o640)]),
        MatrixDestination(
            "backups",
            [
                .file("dst", "before\n"), .file("dst~", "one\n"), .file("dst.~1~", "two\n"),
                .file("dst.~9~", "three\n"),
            ]),
        MatrixDestination("empty-name", at: "", []),
    ]

    /// The same file under two names, or a way from one to the other.
    static let same = [
        MatrixDestination("self", at: "src", needs: [.source], []),
        MatrixDestination("same-inode", needs: [.linkable, .source], [.hardLink("dst", to: "src")]),
        MatrixDestination("link-to-source", needs: [.source], [.symlink("dst", to: "src")]),
        MatrixDestination("target", at: "real", needs: [.link], []),
        MatrixDestination("link-to-target", needs: [.link], [.symlink("dst", to: "real")]),
        MatrixDestination("inode-of-target", needs: [.link], [.hardLink("dst", to: "real")]),
    ]

    /// The same by way of a directory, or spelt otherwise.
    static let sameElsewhere = [
        MatrixDestination("./self", at: "./src", needs: [.source], []),
        MatrixDestination("link-to-link", needs: [.source], [.symlink("dst", to: "via"), .symlink("via", to: "src")]),
        MatrixDestination("dir-of-source", at: ".", needs: [.source], []),
        MatrixDestination(
            "dir-with-link-to-source", needs: [.source],
            [
                .directory("dst"), .symlink("dst/src", to: "../src"),
            ]),
        MatrixDestination(
            "dir-with-inode", needs: [.linkable, .source],
            [
                .directory("dst"), .hardLink("dst/src", to: "src"),
            ]),
        MatrixDestination("inside", at: "src/new", needs: [.directory], []),
        MatrixDestination("inside-sub", at: "src/sub", needs: [.directory], []),
    ]

    private static let links = [
        MatrixDestination("link-to-dir", [.directory("place"), .file("place/kept"), .symlink("dst", to: "place")]),
        MatrixDestination("link-to-dir/", at: "dst/", [.directory("place"), .symlink("dst", to: "place")]),
        MatrixDestination("link-to-file/", at: "dst/", [.file("place"), .symlink("dst", to: "place")]),
        MatrixDestination("dangling/", at: "dst/", [.symlink("dst", to: "place")]),
        MatrixDestination("loop", [.symlink("dst", to: "again"), .symlink("again", to: "dst")]),
    ]

    private static let directories = [
        MatrixDestination("dir", [.directory("dst", mode: 0o750)]),
        MatrixDestination("dir/", at: "dst/", [.directory("dst")]),
        MatrixDestination("dir-with-dangling", [.directory("dst"), .symlink("dst/src", to: "nowhere2")]),
        MatrixDestination("dir-with-link", [.directory("dst"), .file("place"), .symlink("dst/src", to: "../place")]),
        MatrixDestination(
            "dir-with-link-to-dir",
            [
                .directory("dst"), .directory("place"), .file("place/a", "before\n"),
                .symlink("dst/src", to: "../place"),
            ]),
        MatrixDestination(
            "dir-with-backups",
            [
                .directory("dst"), .file("dst/src", "before\n"), .file("dst/src~", "one\n"),
                .file("dst/src.~1~", "two\n"),
            ]),
        MatrixDestination(
            "dir-with-parents",
            [
                .directory("dst"), .directory("dst/more", mode: 0o700).aged(earlier),
                .directory("dst/more/deep", mode: 0o755),
            ]),
        MatrixDestination("dir-with-file-as-parent", [.directory("dst"), .file("dst/more")]),
        MatrixDestination("dir-with-fifo", needs: [.unopened], [.directory("dst"), .fifo("dst/src")]),
        MatrixDestination("fifo", needs: [.unopened], [.fifo("dst")]),
    ]

    /// In which an ordinary user may not do everything.
    static let guarded = [
        MatrixDestination("strange", needs: [.ordinary], [.file("dst", "before\n").strange().aged(earlier)]),
        MatrixDestination("strange-open", needs: [.ordinary], [.file("dst", "before\n", mode: 0o666).strange()]),
        MatrixDestination("in-closed-dir", at: "place/dst", needs: [.ordinary], [.directory("place", mode: 0o555)]),
        MatrixDestination(
            "file-in-closed-dir", at: "place/dst", needs: [.ordinary],
            [
                .directory("place", mode: 0o555), .file("place/dst", "before\n").aged(earlier),
            ]),
        MatrixDestination(
            "readonly-in-closed-dir", at: "place/dst", needs: [.ordinary],
            [
                .directory("place", mode: 0o555), .file("place/dst", "before\n", mode: 0o444).aged(earlier),
            ]),
        MatrixDestination(
            "strange-dir", needs: [.ordinary],
            [
                MatrixItem.directory("dst").strange(), MatrixItem.directory("dst/src", mode: 0o777).strange(),
                MatrixItem.file("dst/src/a", "before\n", mode: 0o666).strange(),
            ]),
        MatrixDestination("shut-dir", needs: [.ordinary], [.directory("dst", mode: 0o000)]),
        MatrixDestination("in-shut-dir", at: "place/dst", needs: [.ordinary], [.directory("place", mode: 0o000)]),
    ]
}

extension MatrixDestination {
    /// Whether several sources have a place there.
    var isDirectory: Bool {
        operand == "."
            || items.contains { item in
                guard item.path == operand.split(separator: "/").first.map(String.init) else { return false }
                if case .directory = item.kind { return true }
                return name == "link-to-dir" || name == "link-to-dir/"
            }
    }

    static func named(_ names: String...) -> [MatrixDestination] { all.filter { names.contains($0.name) } }
}
