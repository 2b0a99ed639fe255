import Synchronization
import SystemCalls

/// All pairs of volumes that a run has met.
final class StrategyLadders: Sendable {
    /// The magic numbers of statfs(2); 0 where one cannot be read, which is a type that needs no special care.
    struct Types {
        let source: Int64
        let destination: Int64
    }

    /// A ladder with an example. It is a class, since the first array of a struct type costs 15 µs at run time.
    private final class Entry {
        let ladder: StrategyLadder
        /// The first path, in byte order, of the sources that were met there.
        var example: Path

        init(ladder: StrategyLadder, example: Path) {
            self.ladder = ladder
            self.example = example
        }
    }

    /// The ladders in a list, since a run has few pairs, and a dictionary costs more than the copy of a small file.
    private let entries = Mutex<[Entry]>([])

    /// The memory of the pair; made at the first source that needs it.
    func ladder(
        from source: Volume, to destination: Volume, example: Path, _ types: () -> Types
    ) -> StrategyLadder {
        entries.withLock { entries in
            for index in entries.indices {
                let ladder = entries[index].ladder
                guard ladder.source == source, ladder.destination == destination else { continue }
                if example < entries[index].example { entries[index].example = example }
                return ladder
            }
            let ladder = StrategyLadder(source: source, destination: destination, types: types())
            entries.append(Entry(ladder: ladder, example: example))
            return ladder
        }
    }

    /// What was found, by example.
    func reasons(for choice: StrategyChoice) -> [StrategyReason] {
        entries.withLock { entries in
            entries.sorted {
                ($0.example, $0.ladder.source, $0.ladder.destination) < (
                    $1.example, $1.ladder.source, $1.ladder.destination
                )
            }
            .map { $0.ladder.reason(for: choice, example: $0.example) }
        }
    }
}

extension StrategyLadders.Types {
    private static let overlay: Int64 = 0x794c_7630

    var isOverlay: Bool { source == Self.overlay }

    /// Whether copy_file_range(2) to the destination takes longer than read(2) and write(2) of 1 MiB: 1.2 times as long
    /// on ext4, where it shares nothing if FICLONE does not. On tmpfs it takes 0.85 times as long (Linux 6.18).
    var prefersReadAndWrite: Bool { destination == 0xef53 || destination == Self.overlay }

    /// The names of the two file systems.
    var text: String { "\(Self.name(source)) to \(Self.name(destination))" }

    private static func name(_ type: Int64) -> String {
        switch type {
        case 0xef53: "ext4"
        case 0x5846_5342: "xfs"
        case 0x9123_683e: "btrfs"
        case 0x0102_1994: "tmpfs"
        case overlay: "overlay"
        case 0x6969: "nfs"
        case 0x6573_5546: "fuse"
        case 0x0102_1997: "9p"
        case 0x2fc1_2fc1: "zfs"
        case 0xf2f5_2010: "f2fs"
        case 0x8584_58f6: "ramfs"
        case 0x9fa0: "proc"
        case 0x7371_7368: "squashfs"
        case 0xe0f5_e1e2: "erofs"
        default: "0x" + String(type, radix: 16)
        }
    }
}
