import TestSupport

/// A way to copy, and a file system on which it matters.
struct Strategy {
    /// With which the names of its counts begin.
    let name: String
    let fileSystem: FileSystemKind
    /// What repot is told besides the number of workers.
    let options: [ByteString]

    static let all: [Strategy] = [
        Strategy(name: "ext4-copy", fileSystem: .ext4, options: ["-R"]),
        Strategy(name: "ext4-link", fileSystem: .ext4, options: ["-R", "-l"]),
        Strategy(name: "xfs-reflink", fileSystem: .xfs, options: ["-R", "--reflink=always"]),
        Strategy(name: "xfs-auto", fileSystem: .xfs, options: ["-R"]),
        Strategy(name: "tmpfs-copy", fileSystem: .tmpfs, options: ["-R"]),
        // With the source in a lower layer, as in a step of a Dockerfile.
        Strategy(name: "overlay-auto", fileSystem: .overlay, options: ["-R"]),
    ]

    func arguments(workers: Int, from source: ByteString, to copy: ByteString) -> [ByteString] {
        ["-j", "\(workers)"] + options + [source, copy]
    }

    /// Whoever leaves something out makes fewer calls, and writes less.
    func check(_ copy: ByteString, of source: ByteString) throws {
        let findings = TreeSnapshot.difference(try TreeSnapshot(of: source), try TreeSnapshot(of: copy))
        if let finding = findings.first { throw TestError("\(name): the copy is wrong: \(finding)") }
    }
}
