import TestSupport

/// Whether a copy is what it should be, so that nobody wins by leaving something out.
struct ResultCheck {
    private let source: TreeSnapshot

    init(source: ByteString) throws {
        self.source = try TreeSnapshot(of: source)
    }

    /// What is wrong with the copy, one line for each finding.
    func findings(in copy: ByteString, by contender: Contender) throws -> [String] {
        let result = try TreeSnapshot(of: copy)
        let differences = TreeSnapshot.difference(source, result, ignoring: contender.loses)
        return differences + (contender.links ? try unlinked(in: copy) : [])
    }

    /// Files that are no further name of anything. A copier may make an empty one anew.
    private func unlinked(in copy: ByteString) throws -> [String] {
        let filter: [ByteString] = ["-type", "f", "-size", "+0", "-links", "1"]
        let lines = try Command.succeed(["find", copy] + filter).outputText.split(separator: "\n")
        return lines.map { "\($0): not linked" }
    }
}
