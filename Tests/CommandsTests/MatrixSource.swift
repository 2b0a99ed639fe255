/// What a case of the matrix copies: entries, and the operands that name them.
struct MatrixSource: Sendable {
    let name: String
    let items: [MatrixItem]
    let operands: [String]
    let traits: Set<Trait>

    enum Trait: Sendable {
        case directory
        /// Not to be hard-linked, for there is nothing or it is a directory.
        case unlinkable
        /// Reading it waits for a writer, if cp reads it at all.
        case fifo
        case several
        /// Of interest to those without privileges.
        case guarded
    }

    init(_ name: String, of operands: [String] = ["src"], is traits: Set<Trait> = [], _ items: [MatrixItem]) {
        self.name = name
        self.operands = operands
        self.traits = traits
        self.items = items
    }

    var isDirectory: Bool { traits.contains(.directory) }
    var isSeveral: Bool { traits.contains(.several) }
}

extension MatrixSource {
    static let file = MatrixSource("file", [.file("src", "source\n").tagged()])
    static let link = MatrixSource("link", [.file("real"), .symlink("src", to: "real")])
    static let directory = MatrixSource("dir", is: [.directory, .unlinkable], tree)
    static let several = MatrixSource(
        "several", of: ["src", "two", "none", "three"], is: [.several],
        [.file("src", "source\n"), .file("two", mode: 0o600), .symlink("three", to: "two")])

    /// Those that every set of options meets.
    static let core = [file, link, directory, several]

    static let all = core + files + links + directories + operands

    private static let files = [
        MatrixSource("empty", [.file("src", "")]),
        MatrixSource("setid", [.file("src", "s", mode: 0o6755)]),
        MatrixSource("readonly", [.file("src", "r", mode: 0o444)]),
        MatrixSource("unreadable", is: [.guarded], [.file("src", "u", mode: 0o000)]),
        MatrixSource("private", is: [.guarded], [.file("src", "p", mode: 0o600).strange()]),
        MatrixSource("strange", is: [.guarded], [.file("src", "f", mode: 0o664).strange().tagged()]),
        MatrixSource("pair", of: ["src", "twin"], is: [.several], [.file("src"), .hardLink("twin", to: "src")]),
        MatrixSource("linked", [.file("src"), .hardLink("twin", to: "src")]),
        MatrixSource("sparse", [MatrixItem(path: "src", kind: .sparse, mode: 0o644)]),
        MatrixSource("fifo", is: [.fifo], [.fifo("src")]),
    ]

    private static let links = [
        MatrixSource("link-to-dir", [.directory("real"), .file("real/a"), .symlink("src", to: "real")]),
        MatrixSource("dangling", [.symlink("src", to: "nowhere")]),
        MatrixSource("loop", [.symlink("src", to: "loop"), .symlink("loop", to: "src")]),
        MatrixSource(
            "link-to-dir/", of: ["src/"], is: [.unlinkable],
            [
                .directory("real"), .file("real/a"), .symlink("src", to: "real"),
            ]),
        MatrixSource("link/", of: ["src/"], is: [.unlinkable], [.file("real"), .symlink("src", to: "real")]),
    ]

    private static let directories = [
        MatrixSource("dir/", of: ["src/"], is: [.directory, .unlinkable], tree),
        MatrixSource("dir/.", of: ["src/."], is: [.directory, .unlinkable], tree),
        MatrixSource("dir/..", of: ["src/sub/.."], is: [.directory, .unlinkable], tree),
        MatrixSource(
            "closed-dir", is: [.directory, .unlinkable, .guarded],
            [
                .directory("src"), .directory("src/closed", mode: 0o000), .file("src/closed/a"),
                .file("src/secret", mode: 0o000), .file("src/z"), .directory("src/mute", mode: 0o311),
                .file("src/mute/b"),
            ]),
        MatrixSource(
            "dirs", of: ["src", "two"], is: [.directory, .unlinkable, .several],
            [
                .directory("src"), .file("src/a"), .directory("two", mode: 0o700), .file("two/b"),
            ]),
        MatrixSource(
            "dir-twice", of: ["src", "src/"], is: [.directory, .unlinkable, .several],
            [
                .directory("src"), .file("src/a"),
            ]),
        MatrixSource(
            "same-base-dirs", of: ["src", "more/src"], is: [.directory, .unlinkable, .several],
            [
                .directory("src"), .file("src/a"), .file("src/b"),
                .directory("more"), .directory("more/src"), .file("more/src/a"), .file("more/src/c"),
            ]),
    ]

    private static let operands = [
        MatrixSource("empty-name", of: [""], is: [.unlinkable], []),
        MatrixSource("missing", is: [.unlinkable], []),
        MatrixSource("missing/", of: ["src/"], is: [.unlinkable], []),
        MatrixSource("file/", of: ["src/"], is: [.unlinkable], [.file("src")]),
        MatrixSource("file/x", of: ["src/x"], is: [.unlinkable], [.file("src")]),
        MatrixSource("twice", of: ["src", "src"], is: [.several], [.file("src")]),
        MatrixSource("twice-spelt", of: ["src", "./src"], is: [.several], [.file("src")]),
        MatrixSource(
            "same-base", of: ["src", "more/src"], is: [.several],
            [.file("src"), .directory("more"), .file("more/src")]),
        MatrixSource(
            "file-and-dir", of: ["src", "two"], is: [.several], [.file("src"), .directory("two"), .file("two/a")]),
        MatrixSource(
            "deep-dir", of: ["more/./deep//src/"], is: [.directory, .unlinkable],
            [
                .directory("more", mode: 0o750), .directory("more/deep", mode: 0o711).aged(77),
                .directory("more/deep/src", mode: 0o700), .file("more/deep/src/a"),
            ]),
        MatrixSource(
            "deep", of: ["more/deep/src"],
            [
                .directory("more", mode: 0o750), .directory("more/deep", mode: 0o711), .file("more/deep/src"),
            ]),
    ]

    private static let tree: [MatrixItem] = [
        .directory("src", mode: 0o775), .file("src/a"), .hardLink("src/b", to: "src/a"),
        .symlink("src/link", to: "a"), .symlink("src/dangling", to: "nowhere"), .fifo("src/fifo"),
        .directory("src/closed", mode: 0o555), .file("src/closed/in", mode: 0o444),
        .directory("src/sub", mode: 0o2750), .file("src/sub/deep", mode: 0o6755), .symlink("src/sub/up", to: ".."),
    ]

    static func named(_ names: String...) -> [MatrixSource] { all.filter { names.contains($0.name) } }
}
