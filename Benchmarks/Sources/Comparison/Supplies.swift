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

    /// A closure of some 30 MB.
    func seed() throws -> Workload { try seedClosure.get() }
    /// A closure of some 300 MB; quickly files of the machine, which are there without building anything.
    func application() throws -> Workload { try isQuick ? tree.get() : applicationClosure.get() }
    /// A closure of more than 2 GB; quickly the seed.
    func large() throws -> Workload { try isQuick ? seedClosure.get() : largeClosure.get() }

    private lazy var seedClosure = Result { try closure(.seed) }
    private lazy var applicationClosure = Result { try closure(.application) }
    private lazy var largeClosure = Result { try closure(.large) }
    private lazy var tree = Result { try Workload.tree(harvest()) }

    /// Files of the machine where Nix cannot be had: peers that want a closure are then left out.
    private func closure(_ recipe: ClosureRecipe) throws -> Workload {
        if let obstacle = ClosureCache.obstacle() {
            print("  \(obstacle); files from /usr take the place of '\(recipe.name)'")
            return try tree.get()
        }
        return .closure(try ClosureCache().closure(recipe))
    }

    /// Real files of some 33 KiB, which is what files of closures have.
    private func harvest() throws -> Harvest {
        let libraries = ByteString("/usr/lib/\(Machine().architecture)-linux-gnu")
        let quotas: [(folder: ByteString, files: Int, mebibytes: Int)] = [
            (libraries, 2_500, 100), ("/usr/lib", 3_000, 100), ("/usr/share", 5_000, 60), ("/usr/include", 1_000, 20),
        ]
        let parts = quotas.map { quota in
            Harvest.Quota(folder: quota.folder, files: quota.files, bytes: quota.mebibytes << 20)
        }
        return try Harvest(atLeast: 5_000, parts, to: workshop.path / "harvest.tar")
    }
}
