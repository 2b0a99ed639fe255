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
        description: String, footprint: Int, subject: ByteString = "", closure: Closure? = nil,
        make: @escaping @Sendable (ByteString) throws -> Void
    ) {
        self.description = description
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
    package static let nothing = Workload(description: "nothing", footprint: 0) { path in
        try TreeBuilder.build(at: path) { _ in }
    }

    /// A tree of real files.
    package static func tree(_ harvest: Harvest) -> Workload {
        let description = "\(grouped(harvest.files)) files, \(harvest.bytes >> 20) MiB"
        return Workload(description: description, footprint: harvest.footprint, make: { try harvest.sow(at: $0) })
    }

    /// A single file without holes.
    package static func bigFile(_ size: Int) -> Workload {
        Workload(description: "one file, \(grouped(size >> 20)) MiB", footprint: size) { path in
            let parent = path.components.dropLast().reduce("/") { $0 / $1 }
            let name = path.components.last ?? ""
            try TreeBuilder.build(at: parent) { try $0.file(name, .pattern(size: size)) }
        }
    }

    /// As many small files of various sizes, in folders of twenty.
    package static func few(_ count: Int) -> Workload {
        Workload(description: "\(count) files up to 64 KiB", footprint: count << 15) { path in
            var random = SplitMix64(seed: 1)
            try TreeBuilder.build(at: path) { tree in
                for index in 0..<count {
                    let size = random.number(in: 1...1 << random.number(in: 5...16))
                    try tree.file("\(index / 20)/\(index)", .pattern(size: size, seed: UInt64(index)))
                }
            }
        }
    }

    /// One folder full of files of 1,000 bytes.
    package static func flat(_ count: Int) -> Workload {
        Workload(description: "one folder of \(grouped(count)) files", footprint: count << 12) { path in
            try TreeBuilder.build(at: path) { tree in
                for index in 0..<count {
                    try tree.file("file-\(index)", .pattern(size: 1000, seed: UInt64(index)))
                }
            }
        }
    }
}
