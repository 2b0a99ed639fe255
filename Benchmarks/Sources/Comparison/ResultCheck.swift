import Glibc
import Inputs
import TestSupport

/// Finds out what a copy lacks, so that nobody wins by leaving something out.
struct ResultCheck {
    private let source: TreeSnapshot
    private let isClosure: Bool

    /// - Parameter root: where the workload was made.
    init(_ workload: Workload, at root: ByteString) throws {
        source = try TreeSnapshot(of: workload.subject(at: root))
        isClosure = workload.closure != nil
    }

    /// What is wrong with the copy.
    func losses(in copy: ByteString, sharing: Contender.Sharing) throws -> [Loss] {
        guard access(copy.description, F_OK) == 0 else {
            return [Loss("all", ["\(copy): nothing is there"])].compactMap(\.self)
        }
        let losses = Loss.between(source, try TreeSnapshot(of: copy), isStore: isClosure)
        let unshared = sharing == .inodes ? Loss("sharing", try unlinked(in: copy)) : nil
        return losses + [unshared].compactMap(\.self)
    }

    /// Files that are no further name of anything. A copier may make an empty one anew.
    private func unlinked(in copy: ByteString) throws -> [String] {
        let filter: [ByteString] = ["-type", "f", "-size", "+0", "-links", "1"]
        let lines = try Command.succeed(["find", copy] + filter).outputText.split(separator: "\n")
        return lines.map { "\($0): not linked" }
    }
}
