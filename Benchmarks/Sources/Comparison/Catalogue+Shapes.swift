import Inputs
import TestSupport

/// The smaller and the larger closure, what closures alone do not show, and what a program costs that does little.
extension Catalogue {
    var sizes: [Case] {
        // Where a run is short, chance weighs more.
        let many = rounds * 4
        return [
            Case("ext4-seed", on: .ext4, try supplies.seed(), copiers, rounds: many, roundsPerArena: rounds),
            Case("ext4-seed-link", on: .ext4, try supplies.seed(), linkers, rounds: many, roundsPerArena: rounds),
            Case("ext4-large", on: .ext4, try supplies.large(), copiers, rounds: fewer),
            Case("ext4-large-link", on: .ext4, try supplies.large(), linkers, rounds: rounds, roundsPerArena: rounds),
            again,
        ]
    }

    /// Where a round takes minutes, and nothing is asked.
    private var fewer: Int { max(1, rounds * 3 / 5) }

    /// The second staging of what is there already is measured against the first.
    private var again: Case {
        let contenders: [Contender] = [.stage(repot), .stage(repot, name: "the first time")]
        return Case(
            "ext4-again", on: .ext4, try supplies.large(), contenders, rounds: rounds, turns: .repotOnTop)
    }

    /// The floor has no part in what it cannot do: holes, single files.
    var shapes: [Case] {
        let files = isQuick ? 20_000 : 200_000
        let size = isQuick ? 512 << 20 : 4 << 30
        let archives: [Contender] = [.archive, .rsync, .tar]
        let own = Contender.repot(repot, "-R")
        return [
            Case("ext4-flat", on: .ext4, .flat(files), copiers, rounds: rounds),
            Case("ext4-flat-link", on: .ext4, .flat(files), linkers, rounds: rounds),
            Case("ext4-deep", on: .ext4, .deep(levels: 1_000, chains: 5), copiers, rounds: rounds),
            Case("ext4-symlinks", on: .ext4, .symbolicLinks(files / 2), copiers, rounds: rounds),
            Case("ext4-symlinks-link", on: .ext4, .symbolicLinks(files / 2), linkers, rounds: rounds),
            Case(
                "ext4-hard-links", on: .ext4, .hardLinks(files / 2), [own, .floor(floor, "copy")] + archives,
                rounds: rounds),
            Case("ext4-sparse", on: .ext4, .sparse(length: 256 << 20), [own] + archives, rounds: rounds),
            Case("ext4-big-file", on: .ext4, .bigFile(size), [.repot(repot), .file], rounds: rounds),
        ]
    }

    private var copiers: [Contender] { [.repot(repot, "-R"), .floor(floor, "copy"), .plain, .archive] }

    private var linkers: [Contender] {
        [.repot(repot, "-R", "-l", sharing: .inodes), .floor(floor, "link"), .links]
    }

    /// From start to exit: here a program's own beginning and end count.
    var few: Case {
        let repetitions = rounds * 8
        return Case(
            "ext4-few", on: .ext4, .few(200), copiers, rounds: repetitions, roundsPerArena: repetitions)
    }

    var start: Case {
        let contenders: [Contender] = [
            .start("repot --version", .repot, repot), .start("cp --version", .peer, "cp"),
        ]
        let repetitions = rounds * 20
        return Case(
            "start", on: .tmpfs, .nothing, contenders, rounds: repetitions, roundsPerArena: repetitions)
    }
}
