import Synchronization
import SystemCalls

/// All pairs of volumes that a run has met.
final class StrategyLadders: Sendable {
    /// The magic numbers of statfs(2); 0 where one cannot be read, which is a type that needs no special care.
    struct Types {
        let source: Int64
        let destination: Int64
    }

    private struct Pair: Hashable {
        let source: Volume
        let destination: Volume
    }

    private struct Entry {
        let ladder: StrategyLadder
        /// What the pair is named by: of the sources that were met there the least, whichever was first.
        var example: Path
    }

    private static let overlay: Int64 = 0x794c_7630
    /// Where copy_file_range(2) shares nothing, if FICLONE does not, and is read and write by way of a pipe: on ext4 a
    /// large file takes 1.2 times as long as with read(2) and write(2) of a megabyte.
    private static let splicing: Set<Int64> = [0xef53, 0x0102_1994, overlay]
    private static let names: [Int64: String] = [
        0xef53: "ext4", 0x5846_5342: "xfs", 0x9123_683e: "btrfs", 0x0102_1994: "tmpfs", overlay: "overlay",
        0x6969: "nfs", 0x6573_5546: "fuse", 0x0102_1997: "9p", 0x2fc1_2fc1: "zfs", 0xf2f5_2010: "f2fs",
        0x8584_58f6: "ramfs", 0x9fa0: "proc", 0x7371_7368: "squashfs", 0xe0f5_e1e2: "erofs",
    ]

    private let entries = Mutex<[Pair: Entry]>([:])

    /// The memory of the pair; made at the first source that needs it.
    func ladder(
        from source: Volume, to destination: Volume, example: Path, _ types: () -> Types
    ) -> StrategyLadder {
        let pair = Pair(source: source, destination: destination)
        return entries.withLock { entries in
            if let entry = entries[pair] {
                if example < entry.example { entries[pair]?.example = example }
                return entry.ladder
            }
            let types = types()
            let ladder = StrategyLadder(
                source: source, destination: destination, isOverlay: types.source == Self.overlay,
                fileSystems: "\(Self.name(types.source)) to \(Self.name(types.destination))")
            if Self.splicing.contains(types.destination) { ladder.range.refuse(.notSupported) }
            entries[pair] = Entry(ladder: ladder, example: example)
            return ladder
        }
    }

    /// What was found, by example.
    func reasons(for choice: StrategyChoice) -> [StrategyReason] {
        let all = entries.withLock { Array($0.values) }
        return all.sorted {
            ($0.example, $0.ladder.source, $0.ladder.destination) < (
                $1.example, $1.ladder.source, $1.ladder.destination
            )
        }
        .map { $0.ladder.reason(for: choice, example: $0.example) }
    }

    private static func name(_ type: Int64) -> String { names[type] ?? "0x" + String(type, radix: 16) }
}
