import Measuring
package import TestSupport

/// What there is to copy.
package struct Workload: Sendable {
    /// A Nix closure in a store of its own.
    package struct Closure: Sendable {
        /// What was built: the path that all others belong to, as `/nix/store/…`.
        package let root: ByteString
        /// All store paths, the root among them, sorted.
        package let paths: [ByteString]

        package init(root: ByteString, paths: [ByteString]) {
            (self.root, self.paths) = (root, paths)
        }
    }

    /// For people: `31,000 files, 620 MiB`.
    package let description: String
    /// How many names of regular files there are.
    package let files: Int
    /// How many names of anything, folders and the thing to copy itself included.
    package let entries: Int
    /// How many bytes one copy takes on a disk, about.
    package let footprint: Int
    /// Where, below the place it was made at, the thing to copy is; empty when it is that place itself. A closure
    /// is made as a physical root, with `nix/store` to copy and the database in `nix/var`.
    package let subject: ByteString
    /// The closure that it is, if so.
    package let closure: Closure?
    /// Makes it at a path where nothing is yet.
    package let make: @Sendable (ByteString) throws -> Void

    package init(
        description: String, files: Int, entries: Int, footprint: Int, subject: ByteString = "",
        closure: Closure? = nil, make: @escaping @Sendable (ByteString) throws -> Void
    ) {
        self.description = description
        self.files = files
        self.entries = entries
        self.footprint = footprint
        self.subject = subject
        self.closure = closure
        self.make = make
    }

    /// What to copy, when it was made at `path`.
    package func subject(at path: ByteString) -> ByteString { subject == "" ? path : path / subject }
}

extension Workload {
    /// Nothing at all, for programs that are only started.
    package static let nothing = Workload(description: "nothing", files: 0, entries: 1, footprint: 0) { path in
        try TreeBuilder.build(at: path) { _ in }
    }

    /// A closure of Nix.
    package static func closure(_ stored: StoredClosure) -> Workload {
        let (content, paths) = (stored.content, stored.closure.paths.count)
        let amount = "\(grouped(content.files)) files, \(content.bytes >> 20) MiB"
        return Workload(
            description: "\(grouped(paths)) store paths, \(amount)", files: content.files, entries: content.entries,
            footprint: content.footprint, subject: "nix/store", closure: stored.closure
        ) { try stored.lay(at: $0) }
    }

    /// A tree of real files.
    package static func tree(_ harvest: Harvest) -> Workload {
        let description = "\(grouped(harvest.files)) files, \(harvest.bytes >> 20) MiB"
        return Workload(
            description: description, files: harvest.files, entries: harvest.entries, footprint: harvest.footprint
        ) { try harvest.sow(at: $0) }
    }
}
