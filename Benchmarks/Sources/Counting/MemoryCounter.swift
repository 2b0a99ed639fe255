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
            count("\(grouped(files)) files") { tree, name in try tree.file(name) },
            // A file with two names is kept in mind until the second turns up.
            count("\(grouped(files)) files of two names") { tree, name in
                try tree.file(name)
                try tree.hardLink(name + "-again", to: name)
            },
        ].flatMap(\.self)
    }

    private func count(_ what: String, _ make: (TreeBuilder, ByteString) throws -> Void) throws -> [Count] {
        let field = try Field(Self.strategy.fileSystem) { path in
            try TreeBuilder.build(at: path / "tree") { tree in
                for index in 0..<files { try make(tree, "\(index / Self.filesInFolder)/\(index)") }
            }
        }
        guard let field else { return [] }
        let bytes = try field.withPlace { copy in
            try program.peakMemory(Self.strategy.arguments(workers: 2, from: field.sources / "tree", to: copy))
        }
        return [Count("MiB of memory for \(what)", Double(bytes) / Double(1 << 20), .memory)]
    }
}
