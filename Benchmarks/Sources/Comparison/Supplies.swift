import Inputs
import Measuring
import TestSupport

/// What the cases copy. Each is made when the first case wants it, and kept for the others.
final class Supplies {
    private let isQuick: Bool
    private let workshop: Workshop

    init(isQuick: Bool, in workshop: Workshop) {
        (self.isQuick, self.workshop) = (isQuick, workshop)
    }

    /// Some 30 MB.
    func seed() throws -> Workload { try smallTree.get() }
    /// Some 300 MB in 10,000 files; quickly the seed.
    func application() throws -> Workload { isQuick ? try seed() : try tree.get() }
    /// At least 2 GB.
    func large() throws -> Workload { isQuick ? try seed() : try tree.get() }

    private lazy var smallTree = Result { try harvest("small", atLeast: 3_000, part: 4) }
    private lazy var tree = Result { try harvest("tree", atLeast: 20_000, part: 1) }

    /// Real files of some 33 KiB, which is what files of closures have.
    private func harvest(_ name: ByteString, atLeast minimum: Int, part: Int) throws -> Workload {
        let libraries = ByteString("/usr/lib/\(Machine().architecture)-linux-gnu")
        let quotas: [(folder: ByteString, files: Int, mebibytes: Int)] = [
            (libraries, 8_000, 300), ("/usr/lib", 10_000, 300), ("/usr/share", 15_000, 200),
            ("/usr/include", 4_000, 60),
        ]
        let parts = quotas.map { quota in
            Harvest.Quota(folder: quota.folder, files: quota.files / part, bytes: quota.mebibytes << 20 / part)
        }
        return .tree(try Harvest(atLeast: minimum, parts, to: workshop.path / "\(name).tar"))
    }
}
