import NixClosure
import Pruning
import Rootfs
import SystemCalls
import TreeCopy
import Verification

/// What `verify --repair` does between its two looks.
struct Mending {
    /// A store path that stays damaged, and why.
    struct Failure {
        let path: StorePath
        let reason: String
    }

    let store: Store
    let expectation: ExpectedStore
    let pruned: PruneRecord
    let output: OutputOptions
    /// Who gets what is written, where somebody else's files may be given away at all.
    var owner: Ownership?
    var modificationTime: Int64 = 1
    var workers: Int?

    /// Takes what is damaged from the source.
    func mend(_ report: VerificationReport, from source: Store?) throws(PathError) -> [Failure] {
        guard let source else {
            return report.damaged.map {
                Failure(path: $0, reason: "it is the store's own copy: repair it with nix-store --repair-path")
            }
        }
        let damaged = Set(report.damaged)
        let infos = expectation.infos.filter { damaged.contains($0.path) }
        var repair = Repair(
            store, from: source, owner: owner, modificationTime: modificationTime == 1 ? nil : modificationTime,
            workers: workers, isCancelled: { Interrupt.signal != nil })
        repair.pruned = pruned
        let display = output.display
        do throws(PathError) {
            return try repair.run(infos) { display.run($0) }.map { Failure(path: $0.path, reason: "\($0.reason)") }
        } catch {
            // Nothing can be replaced there: each is told, with what is wrong with it.
            if infos.isEmpty { throw error }
            return infos.map { Failure(path: $0.path, reason: "\(error)") }
        }
    }
}

extension Store {
    /// Whether both have one directory, whatever it is called.
    func isSame(as other: Store) -> Bool {
        let own = try? Directory.current.metadata(of: Name(physicalDirectory), following: true).identity
        let others = try? Directory.current.metadata(of: Name(other.physicalDirectory), following: true).identity
        return own != nil && own == others
    }
}
