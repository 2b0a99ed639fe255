import TestSupport

/// Counts the system calls that a strategy makes.
struct CallCounter {
    let strategy: Strategy
    let program: Program

    /// Nothing where the file system cannot be had.
    func counts() throws -> [Count] {
        guard let field = try Field(strategy.fileSystem, Self.build) else { return [] }
        let prices = try Specimen.allCases.map { specimen in
            let few = try run(field, specimen.tree(Specimen.few), workers: 2)
            let many = try run(field, specimen.tree(Specimen.many), workers: 2)
            return Count(
                "\(strategy.name) calls a \(specimen.rawValue)", few: few, many: many,
                entries: Specimen.many - Specimen.few)
        }
        return prices + [try failures(in: field)]
    }

    /// Calls that fail although they would not on an empty tree: one of a kind teaches what the file system
    /// cannot do, a second has learned nothing from it.
    private func failures(in field: Field) throws -> Count {
        let empty = try run(field, "empty", workers: 1)
        let runs = try Specimen.allCases.map { try run(field, $0.tree(Specimen.few), workers: 1) }
        let names = Set(runs.flatMap { run in run.failures.keys.filter { run.failures[$0] != empty.failures[$0] } })
        return Count(
            "\(strategy.name) calls that fail", Double(runs.map { $0.failed - empty.failed }.reduce(0, +)), .none,
            detail: names.sorted().joined(separator: ", "))
    }

    private func run(_ field: Field, _ tree: ByteString, workers: Int) throws -> SystemCallCount {
        let source = field.sources / tree
        return try field.withPlace { copy in
            let count = try program.calls(strategy.arguments(workers: workers, from: source, to: copy))
            try strategy.check(copy, of: source)
            return count
        }
    }

    private static func build(_ path: ByteString) throws {
        try TreeBuilder.build(at: path / "empty") { _ in }
        for specimen in Specimen.allCases {
            for size in [Specimen.few, Specimen.many] { try specimen.build(size, at: path / specimen.tree(size)) }
        }
    }
}
