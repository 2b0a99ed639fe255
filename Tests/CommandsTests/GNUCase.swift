import TestSupport

/// One call of cp, to be made by GNU's and by ours on the same tree.
struct GNUCase: Sendable, CustomStringConvertible {
    /// The arguments; `~` in one stands for a space.
    let arguments: [ByteString]
    /// What may differ, and why.
    let exceptions: Set<Exception>
    /// What is done to the tree before, as a shell puts it.
    let before: String?

    enum Exception: Sendable {
        /// The message has other words.
        case words
        /// GNU says more with -v than what it copies.
        case output
        /// GNU cp leaves a part of a copy that it then refuses, an inherited ACL or an emptied file; repot does not.
        case tree
    }

    init(_ line: String, before: String? = nil, except exceptions: Set<Exception> = []) {
        arguments = line.split(separator: " ").map { word in
            ByteString(String(word.map { $0 == "~" ? " " : $0 }))
        }
        self.before = before
        self.exceptions = exceptions
    }

    var description: String {
        "cp " + arguments.map(\.description).joined(separator: " ") + (before.map { " after \($0)" } ?? "")
    }
}

extension GNUCase {
    /// What every case starts with.
    static func build(at path: ByteString) throws {
        try TreeBuilder.build(at: path) { tree in
            let old = Timestamp(seconds: 1_000_000_000, nanoseconds: 123_456_789)
            try tree.file("file", .text("content\n"), Attributes(mode: 0o644, modified: old))
            try tree.file("exec", .pattern(size: 5000), Attributes(mode: 0o755, modified: old))
            try tree.file("setid", .text("s"), Attributes(mode: 0o6755, modified: old))
            try tree.file("secret", .text("s"), Attributes(mode: 0o600, modified: old))
            try tree.file("open", .text("o"), Attributes(mode: 0o666, modified: old))
            try tree.file("tagged", .text("t"), Attributes(modified: old, extended: ["user.tag": [1]]))
            try tree.file("listed", .text("l"), Attributes(modified: old, accessList: .allowing(user: 7, .read)))
            try tree.file("sparse", .sparse(length: 1 << 20, data: [131_072..<140_000]), Attributes(modified: old))
            try tree.file("other", .text("other\n"), Attributes(mode: 0o640, owner: 42, group: 43, modified: old))
            try tree.file("dir/sub/deep", .text("deep\n"), Attributes(mode: 0o444, modified: old))
            try tree.file("dir/a", .text("a\n"), Attributes(modified: old))
            try tree.hardLink("dir/b", to: "dir/a")
            try tree.symbolicLink("dir/link", to: "a", Attributes(modified: old))
            try tree.symbolicLink("dir/dangling", to: "nowhere")
            try tree.fifo("dir/fifo", Attributes(mode: 0o640, modified: old))
            try tree.directory("dir/closed", Attributes(mode: 0o555, modified: old))
            try tree.directory("dir/sub", Attributes(mode: 0o2750, owner: 42, modified: old))
            try tree.directory("dir", Attributes(mode: 0o775, modified: old))
            try tree.symbolicLink("link", to: "file")
            try tree.symbolicLink("dirlink", to: "dir")
            try tree.symbolicLink("broken", to: "missing/target")
            try tree.directory("plain/empty", Attributes(modified: old))
            try tree.file("plain/file", .text("plain\n"), Attributes(modified: old))
            try tree.symbolicLink("plain/link", to: "file")
            try tree.file("target/file", .text("there before\n"), Attributes(mode: 0o600, modified: old))
            try tree.file("target/dir/a", .text("there before\n"), Attributes(mode: 0o640, modified: old))
            try tree.file("target/dir/own", .text("mine\n"), Attributes(modified: old))
            try tree.directory("target/dir", Attributes(mode: 0o700, modified: old))
            try tree.directory("target", Attributes(modified: old))
            try tree.directory("parents/src/one", Attributes(mode: 0o711, modified: old))
            try tree.file("parents/src/one/f", .text("f\n"), Attributes(modified: old))
            try tree.directory("parents/src", Attributes(mode: 0o700, owner: 42, modified: old))
            try tree.file("-dash", .text("-\n"), Attributes(modified: old))
            try tree.file("two words", .text("2\n"), Attributes(modified: old))
            tree.root(Attributes(mode: 0o755))
        }
    }
}
