import Inputs
import TestSupport

/// The smaller and the larger closure, what closures alone do not show, and what a program costs that does little.
extension Catalogue {
    var sizes: [Case] {
        let copy: [Contender] = [.repot(repot, "-R"), .floor(floor, "copy"), .plain, .archive]
        let link: [Contender] = [
            .repot(repot, "-R", "-l", sharing: .inodes), .floor(floor, "link"), .links,
        ]
        return [
            Case("ext4-seed", on: .ext4, try supplies.seed(), copy, rounds: rounds, roundsPerArena: rounds),
            Case("ext4-seed-link", on: .ext4, try supplies.seed(), link, rounds: rounds, roundsPerArena: rounds),
            Case("ext4-large", on: .ext4, try supplies.large(), copy, rounds: rounds),
            Case("ext4-large-link", on: .ext4, try supplies.large(), link, rounds: rounds, roundsPerArena: rounds),
            again,
        ]
    }

    /// The second staging of what is there already is measured against the first.
    private var again: Case {
        let contenders: [Contender] = [.stage(repot), .stage(repot, name: "the first time")]
        return Case(
            "ext4-again", on: .ext4, try supplies.large(), contenders, rounds: rounds, turns: .repotOnTop)
    }

    var shapes: [Case] {
        let tree: [Contender] = [.repot(repot, "-R"), .floor(floor, "copy"), .archive]
        let link: [Contender] = [.repot(repot, "-R", "-l", sharing: .inodes), .floor(floor, "link"), .links]
        let files = isQuick ? 20_000 : 200_000
        let size = isQuick ? 512 << 20 : 4 << 30
        return [
            Case("ext4-flat", on: .ext4, .flat(files), tree, rounds: rounds),
            Case("ext4-flat-link", on: .ext4, .flat(files), link, rounds: rounds),
            Case("ext4-big-file", on: .ext4, .bigFile(size), [.repot(repot), .file], rounds: rounds),
        ]
    }

    /// From start to exit: here a program's own beginning and end count.
    var few: Case {
        let repetitions = rounds * 8
        return Case(
            "ext4-few", on: .ext4, .few(200), [.repot(repot, "-R"), .floor(floor, "copy"), .plain, .archive],
            rounds: repetitions, roundsPerArena: repetitions)
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
