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

    /// What is wrong with the contender's copy. Of a store that it made itself, only the paths in it count.
    func losses(in copy: ByteString, by contender: Contender) throws -> [Loss] {
        guard access(copy.description, F_OK) == 0 else {
            return [Loss("all", ["\(copy): nothing is there"])].compactMap(\.self)
        }
        let result = try TreeSnapshot(of: copy)
        let losses = Loss.between(
            source, result, isStore: isClosure && contender.result != "", excused: contender.excused)
        return losses + [contender.sharing == .inodes ? unshared(result) : nil].compactMap(\.self)
    }

    /// Files whose inodes are the copy's alone, several names in it or not. A copier may make an empty one anew.
    private func unshared(_ result: TreeSnapshot) -> Loss? {
        Loss("sharing", result.filesOfItsOwn.map { "\($0): not linked" })
    }
}
