package import TestSupport

/// A source that is copied in a few milliseconds, so that the start of the program counts.
package struct SmallWorkload: Sendable {
    /// A name for tables and for `--only`.
    package let name: String
    /// The number of copies that each program makes for one sample.
    package let repetitions: Int
    /// Options that every program gets in addition.
    package let options: [ByteString]
    /// Creates the source at a path that does not exist yet.
    package let make: @Sendable (ByteString) throws -> Void

    init(
        _ name: String, repetitions: Int = 20, options: [ByteString] = [],
        make: @escaping @Sendable (ByteString) throws -> Void
    ) {
        self.name = name
        self.repetitions = repetitions
        self.options = options
        self.make = make
    }
}

extension SmallWorkload {
    /// All workloads, the smallest first.
    package static let all: [SmallWorkload] =
        [1, 2, 5, 10, 20, 50, 100].map(files) + [
            emptyDirectories, symbolicLinks,
            file("1 KiB", size: 1 << 10, repetitions: 20), file("1 MiB", size: 1 << 20, repetitions: 20),
            file("100 MiB", size: 100 << 20, repetitions: 5),
            sparseFiles, sparseFilesAlways, zeros, zerosAlways,
        ]

    /// One directory of files of 1,000 bytes.
    private static func files(_ count: Int) -> SmallWorkload {
        SmallWorkload(count == 1 ? "1 file" : "\(count) files") { path in
            try TreeBuilder.build(at: path) { tree in
                for index in 0..<count {
                    try tree.file("file-\(index)", .pattern(size: 1000, seed: UInt64(index)))
                }
            }
        }
    }

    /// 40 directories, eight levels deep.
    private static let emptyDirectories = SmallWorkload("empty directories") { path in
        try TreeBuilder.build(at: path) { tree in
            for chain in 0..<5 {
                let names = (0..<8).map { ByteString("directory-\(chain)-\($0)") }
                try tree.directory(names.dropFirst().reduce(names[0]) { $0 / $1 })
            }
        }
    }

    private static let symbolicLinks = SmallWorkload("50 symlinks") { path in
        try TreeBuilder.build(at: path) { tree in
            for index in 0..<50 { try tree.symbolicLink("link-\(index)", to: "../target-\(index)") }
        }
    }

    /// A single file of random bytes.
    ///
    /// The memory of a shared machine decides the time of a large one: with GNU cp in both places, medians of ratios for
    /// 100 MiB lay between 0.95 and 1.20.
    private static func file(_ name: String, size: Int, repetitions: Int) -> SmallWorkload {
        SmallWorkload("one file of \(name)", repetitions: repetitions) { path in
            try write(.pattern(size: size), at: path)
        }
    }

    private static let sparseFiles = SmallWorkload("6 sparse files", repetitions: 10, make: makeSparseFiles)
    private static let sparseFilesAlways = SmallWorkload(
        "6 sparse files, --sparse=always", repetitions: 10, options: ["--sparse=always"], make: makeSparseFiles)
    private static let zeros = SmallWorkload("4 MiB of zeros", make: makeZeros)
    private static let zerosAlways = SmallWorkload(
        "4 MiB of zeros, --sparse=always", options: ["--sparse=always"], make: makeZeros)

    /// Files of 64 MiB with three blocks of data each.
    @Sendable private static func makeSparseFiles(at path: ByteString) throws {
        let data = [1, 20, 40].map { $0 << 20..<$0 << 20 + 4096 }
        try TreeBuilder.build(at: path) { tree in
            for index in 0..<6 { try tree.file("file-\(index)", .sparse(length: 64 << 20, data: data)) }
        }
    }

    /// A file of zeros without holes.
    @Sendable private static func makeZeros(at path: ByteString) throws {
        try write(.bytes([UInt8](repeating: 0, count: 4 << 20)), at: path)
    }

    private static func write(_ content: FileContent, at path: ByteString) throws {
        let parent = path.components.dropLast().reduce("/") { $0 / $1 }
        try TreeBuilder.build(at: parent) { try $0.file(path.components.last ?? "", content) }
    }
}
