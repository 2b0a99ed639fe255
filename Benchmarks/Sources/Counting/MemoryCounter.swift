import Measuring
import TestSupport

/// Counts the memory that repot takes at most.
struct MemoryCounter {
    private static let filesInFolder = 100
    private static let strategy = Strategy(name: "memory", fileSystem: .tmpfs, options: ["-R"])

    let files: Int
    let program: Program

    /// Nothing where tmpfs cannot be had.
    func counts() throws -> [Count] {
        try [
            count("\(grouped(files)) files") { tree, number in try tree.file(Self.path(number)) },
            // A file with two names is kept in mind, for the second may turn up at any time.
            count("\(grouped(files)) names of half as many files") { tree, number in
                if number.isMultiple(of: 2) { return try tree.file(Self.path(number)) }
                try tree.hardLink(Self.path(number), to: Self.path(number - 1))
            },
            archiveCount(),
        ].flatMap(\.self)
    }

    /// A pipe needs the most, and every file is kept in mind, for a later one may be equal to it.
    private func archiveCount() throws -> [Count] {
        // Each has a page, and the file system a gibibyte.
        let files = min(files, 200_000)
        let field = try Field(Self.strategy.fileSystem) { path in
            try TreeBuilder.build(at: path / "tree") { tree in
                for index in 0..<files { try tree.file(Self.path(index), .text("\(index)")) }
            }
        }
        guard let field else { return [] }
        let bytes = try program.peakMemory(
            ["tar", "-q", "-j", "16", "--rootfs", field.sources / "tree", "-o", "/dev/null"])
        return [
            Count("MiB of memory for an archive of \(grouped(files)) files", Double(bytes) / Double(1 << 20), .memory)
        ]
    }

    private func count(_ what: String, _ make: (TreeBuilder, Int) throws -> Void) throws -> [Count] {
        let field = try Field(Self.strategy.fileSystem) { path in
            try TreeBuilder.build(at: path / "tree") { tree in
                for index in 0..<files { try make(tree, index) }
            }
        }
        guard let field else { return [] }
        let bytes = try field.withPlace { copy in
            let source = field.sources / "tree"
            let bytes = try program.peakMemory(Self.strategy.arguments(workers: 2, from: source, to: copy))
            try check(copy, of: source)
            return bytes
        }
        return [Count("MiB of memory for \(what)", Double(bytes) / Double(1 << 20), .memory)]
    }

    /// By another program, for what this one has resident hides what repot has.
    private func check(_ copy: ByteString, of source: ByteString) throws {
        let words: [ByteString] = ["diff", "-rq", "--no-dereference", source, copy]
        let result = try Command.run(words, timeout: .seconds(600))
        if result.status == 0 { return }
        throw TestError("memory: the copy is wrong: \(result.outputText.prefix(200))\(result.errorText.prefix(200))")
    }

    private static func path(_ number: Int) -> ByteString { "\(number / filesInFolder)/\(number)" }
}
