import Measuring
import TestSupport

/// How one place of a sweep fits into the memory there is.
///
/// Memory must hold the file system, the page cache over its image, and what the kernel keeps for each inode.
/// When it does not, what is measured is how the kernel looks for memory.
struct SweepPlan {
    /// Contenders that share file systems.
    let groups: [[Contender]]
    let rounds: Int
    let roundsPerArena: Int

    /// What the kernel keeps for an inode and its name.
    private static let inodeBytes = 1536
    /// What of an image of 16 GiB may be filled.
    private static let imageBytes = 12 << 30

    /// Nil when not even one copy fits.
    ///
    /// - Parameter memory: in bytes, what may be used.
    init?(
        files: Int, footprint: Int, on fileSystem: FileSystemKind, _ contenders: [Contender], rounds: Int, memory: Int
    ) {
        let tree = (fileSystem == .tmpfs ? 1 : 2) * footprint + files * Self.inodeBytes
        let copies = min(memory / tree, Self.imageBytes / max(1, footprint)) - 1
        guard copies > 0 else { return nil }
        if contenders.allSatisfy({ $0.sharing == .inodes }) {
            groups = [contenders]
            (self.rounds, roundsPerArena) = (rounds, rounds)
            return
        }
        let size = min(copies, contenders.count)
        groups = stride(from: 0, to: contenders.count, by: size).map { Array(contenders[$0...].prefix(size)) }
        // A source for each takes longer to make than all of them take to copy it.
        self.rounds = groups.count > 1 ? min(2, rounds) : rounds
        roundsPerArena = max(1, min(self.rounds, copies / size))
    }

    /// Many where a run is short, for there chance weighs more.
    static func rounds(files: Int) -> Int { files <= 10_000 ? 9 : files <= 100_000 ? 5 : 3 }
}
