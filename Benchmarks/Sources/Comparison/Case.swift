import Inputs
import TestSupport

/// One job on one file system, for repot and those it is compared with.
struct Case {
    /// As in thresholds.txt.
    let name: String
    let fileSystem: FileSystemKind
    let workload: Workload
    /// repot first.
    let contenders: [Contender]
    let rounds: Int
    /// How many rounds share a file system before it is made anew.
    let roundsPerArena: Int
    /// Whether results are compared with their source.
    let isChecked: Bool

    init(
        _ name: String, on fileSystem: FileSystemKind, _ workload: Workload, _ contenders: [Contender],
        rounds: Int, roundsPerArena: Int = 1, isChecked: Bool = true
    ) {
        self.name = name
        self.fileSystem = fileSystem
        self.workload = workload
        self.contenders = contenders
        self.rounds = rounds
        self.roundsPerArena = roundsPerArena
        self.isChecked = isChecked
    }

    /// How many bytes one file system has to hold. A hard link takes next to none.
    var room: Int {
        let copies = contenders.count { !$0.links } * roundsPerArena
        return workload.footprint * (1 + copies) * 11 / 10 + 256 << 20
    }

    /// Whether it makes no sense where files cannot share extents.
    var needsReflink: Bool { contenders.contains { $0.command.contains("--reflink=always") } }

    /// How many bytes of memory one copy may want, in caches above all.
    var memory: Int { workload.footprint * 5 / 4 + (workload.footprint == 0 ? 16 << 20 : 128 << 20) }
}
