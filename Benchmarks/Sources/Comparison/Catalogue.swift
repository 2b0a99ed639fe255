import Inputs
import Measuring
import TestSupport

/// All cases, for a full or a quick run.
struct Catalogue {
    let repot: ByteString
    let isQuick: Bool
    let rounds: Int

    /// At least 20,000 real files of some 33 KiB, which is what files of closures have; quickly a quarter of them.
    func harvest(in workshop: Workshop) throws -> Harvest {
        let part = isQuick ? 3 : 1
        let libraries = ByteString("/usr/lib/\(Machine().architecture)-linux-gnu")
        let quotas: [(folder: ByteString, files: Int, mebibytes: Int)] = [
            (libraries, 8_000, 300), ("/usr/lib", 10_000, 300), ("/usr/share", 15_000, 200),
            ("/usr/include", 4_000, 60),
        ]
        let parts = quotas.map { quota in
            Harvest.Quota(folder: quota.folder, files: quota.files / part, bytes: quota.mebibytes << 20 / part)
        }
        return try Harvest(atLeast: isQuick ? 5_000 : 20_000, parts, to: workshop.path / "harvest.tar")
    }

    /// In the order in which they are run. What has no threshold is of interest only, and not run quickly.
    func cases(_ harvest: Harvest) -> [Case] {
        let tree = Workload.tree(harvest)
        let gated = trees(tree) + [bigFile, few, start]
        return isQuick ? gated : gated + others(tree)
    }

    private func trees(_ tree: Workload) -> [Case] {
        let reflink: [Contender] = [.repot(repot, "-R", "--reflink=always"), .reflink]
        return [
            Case("ext4-copy", on: .ext4, tree, [.repot(repot, "-R"), .plain, .archive], rounds: rounds),
            Case(
                "ext4-link", on: .ext4, tree, [.repot(repot, "-R", "-l", links: true), .links, .plain],
                rounds: rounds),
            Case("xfs-reflink", on: .xfs, tree, reflink, rounds: rounds),
            Case("btrfs-reflink", on: .btrfs, tree, reflink, rounds: rounds),
        ]
    }

    private func others(_ tree: Workload) -> [Case] {
        let copy: [Contender] = [.repot(repot, "-R"), .archive]
        let link: [Contender] = [.repot(repot, "-R", "-l", links: true), .links]
        return [
            Case("ext4-flat", on: .ext4, .flat(50_000), copy, rounds: rounds),
            Case("tmpfs-copy", on: .tmpfs, tree, copy, rounds: rounds),
            Case("xfs-auto", on: .xfs, tree, copy, rounds: rounds),
            Case("btrfs-auto", on: .btrfs, tree, copy, rounds: rounds),
            Case("xfs-link", on: .xfs, tree, link, rounds: rounds),
            Case("btrfs-link", on: .btrfs, tree, link, rounds: rounds),
        ]
    }

    private var bigFile: Case {
        let size = isQuick ? 512 << 20 : 2 << 30
        return Case("ext4-big-file", on: .ext4, .bigFile(size), [.repot(repot), .file], rounds: rounds)
    }

    /// From start to exit: here a program's own beginning and end count.
    private var few: Case {
        let repetitions = rounds * 8
        return Case(
            "ext4-few", on: .ext4, .few(200), [.repot(repot, "-R"), .plain, .archive], rounds: repetitions,
            roundsPerArena: repetitions)
    }

    private var start: Case {
        let contenders = ["repot --version": repot, "cp --version": "cp"].sorted { $0.key > $1.key }
            .map { Contender($0.key, [$0.value, "--version"], copies: false) }
        let repetitions = rounds * 20
        return Case(
            "start", on: .tmpfs, .nothing, contenders, rounds: repetitions, roundsPerArena: repetitions)
    }
}
