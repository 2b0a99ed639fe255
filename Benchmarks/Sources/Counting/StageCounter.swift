import TestSupport

/// Counts the system calls of `stage`: of a first run, and of a second that finds nothing left to do.
struct StageCounter {
    let program: Program

    /// Nothing where ext4 cannot be had.
    func counts() throws -> [Count] {
        guard let field = try Field(.ext4, Self.build) else { return [] }
        return try Entry.allCases.flatMap { entry in
            let few = try run(field, entry, Specimen.few)
            let many = try run(field, entry, Specimen.many)
            let entries = Specimen.many - Specimen.few
            return [
                Count("ext4-stage calls a \(entry.rawValue)", few: few.first, many: many.first, entries: entries),
                Count(
                    "ext4-stage-again calls a \(entry.rawValue)", few: few.again, many: many.again, entries: entries),
            ]
        }
    }

    /// What one closure has more of than another.
    private enum Entry: String, CaseIterable {
        case storePath = "store path"
        case file

        func store(_ count: Int) -> ByteString { self == .file ? "files-\(count)" : "paths-\(count)" }
    }

    private func run(
        _ field: Field, _ entry: Entry, _ size: Int
    ) throws -> (first: SystemCallCount, again: SystemCallCount) {
        let root = field.sources / entry.store(size)
        return try field.withPlace { staged in
            let arguments = [
                "stage", "-j", "2", "--store-root", root, "--closure", root / "closure", staged,
            ]
            let first = try program.calls(arguments)
            let again = try program.calls(arguments)
            let (source, copy) = (try TreeSnapshot(of: root / "nix"), try TreeSnapshot(of: staged / "nix"))
            let findings = TreeSnapshot.difference(source, copy)
            if let finding = findings.first { throw TestError("stage: the result is wrong: \(finding)") }
            return (first, again)
        }
    }

    private static func build(_ path: ByteString) throws {
        for size in [Specimen.few, Specimen.many] {
            try build(path / Entry.storePath.store(size), paths: size, files: 1)
            try build(path / Entry.file.store(size), paths: 1, files: size)
        }
    }

    /// A store of its own, and the list of what is in it.
    private static func build(_ root: ByteString, paths: Int, files: Int) throws {
        try TreeBuilder.build(at: root) { tree in
            // What stage gives to the folders that are in no store path.
            let old = Attributes(modified: Timestamp(seconds: 1, nanoseconds: 0))
            for folder: ByteString in ["nix", "nix/store"] { try tree.directory(folder, old) }
            var list = ""
            for path in 0..<paths {
                let store = "nix/store/\(hash(path))-path-\(path)"
                list += "/\(store)\n"
                for file in 0..<files { try tree.file("\(store)/\(file)", .pattern(size: 5000)) }
            }
            try tree.file("closure", .text(list))
        }
    }

    /// As long as Nix's, in whose alphabet all digits are.
    private static func hash(_ number: Int) -> String {
        let digits = String(number)
        return String(repeating: "0", count: 32 - digits.count) + digits
    }
}
