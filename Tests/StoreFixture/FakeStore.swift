package import NixClosure
package import SystemCalls
package import TestSupport

extension Path {
    package init(_ path: ByteString) { self.init(path.bytes) }
}

/// A store below another root, with a file, a directory and a symlink as store paths. Made without Nix.
package struct FakeStore {
    package static let directory: Path = "/nix/store/00000000000000000000000000000000-directory"
    package static let file: Path = "/nix/store/11111111111111111111111111111111-file"
    package static let link: Path = "/nix/store/22222222222222222222222222222222-link"
    package static let all = [directory, file, link]

    package let scratch: Scratch
    package let store: Store
    package var root: ByteString { scratch / "root" }

    package init() throws {
        scratch = try Scratch()
        try TreeBuilder.build(at: scratch / "root") { tree in
            try tree.file("\(Self.directory)/bin/program", .text("program"))
            try tree.symbolicLink("\(Self.directory)/loop", to: "loop")
            try tree.file("\(Self.file)", .text("file"))
            try tree.symbolicLink("\(Self.link)", to: "\(Self.directory)")
        }
        store = try Store(directory: "/nix/store", root: Path(scratch / "root"))
    }

    /// A symlink outside of the store.
    package func link(_ name: ByteString, to target: ByteString) throws -> Path {
        try TreeBuilder.build(at: scratch / "links") { try $0.symbolicLink(name, to: target) }
        return Path(scratch / "links" / name)
    }

    /// A list, as a file.
    package func list(_ text: String) throws -> Path {
        let folder = scratch / ByteString("lists\(Path(Name.temporary().bytes))")
        try TreeBuilder.build(at: folder) { try $0.file("list", .text(text)) }
        return Path(folder / "list")
    }
}
