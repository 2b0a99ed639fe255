import Inputs
import Measuring
import TestSupport

/// All cases.
struct Catalogue {
    let repot: ByteString
    let floor: ByteString
    let isQuick: Bool
    let rounds: Int
    let supplies: Supplies
    private let settings: Settings

    init(_ settings: Settings, _ supplies: Supplies) {
        (repot, floor) = (ByteString(settings.repot), ByteString(settings.floor))
        (isQuick, rounds) = (settings.isQuick, settings.rounds)
        (self.settings, self.supplies) = (settings, supplies)
    }

    /// Those that the settings ask for, in the order in which they are run. A quick run has only what has a gate.
    func cases(_ thresholds: Thresholds) -> [Case] {
        let chosen = all.filter { settings.includes($0.name) }
        guard isQuick else { return chosen }
        return chosen.compactMap { job in
            job.restricted { thresholds[job.name, $0.name]?.gate != nil }
        }
    }

    /// Everything there is, from what the most is asked of to what is of interest only.
    var all: [Case] {
        closures + [overlay, across, cold] + archives + [scan, verification] + sizes + shapes + [few, start]
    }
}

/// Archives of the application's closure.
extension Catalogue {
    private var archives: [Case] {
        [
            archive("tar-file", .file), archive("tar-pipe", .pipe), archive("tar-zstd", .zstd),
            archive("tar-gzip", .gzip), sharedArchive("tar-xfs", on: .xfs), sharedArchive("tar-btrfs", on: .btrfs),
        ]
    }

    private func archive(_ name: String, _ outlet: Contender.Outlet) -> Case {
        Case(
            name, on: .ext4, try supplies.application(), [.archive(repot, outlet), .gnuTar(outlet)], rounds: rounds,
            roundsPerArena: rounds)
    }

    /// Where an archive can share the extents of what is in it.
    private func sharedArchive(_ name: String, on ground: Ground) -> Case {
        let contenders: [Contender] = [.archive(repot, .file, "--align"), .archive(repot, .file), .gnuTar(.file)]
        return Case(name, on: ground, try supplies.application(), contenders, rounds: rounds, roundsPerArena: rounds)
    }
}

/// How long it takes to find the references in the application's closure.
extension Catalogue {
    private var scan: Case {
        let repetitions = rounds * 2
        return Case(
            "scan", on: .tmpfs, try supplies.application(), [.scan(repot), .grep, .gigabyteASecond],
            rounds: repetitions, roundsPerArena: repetitions)
    }
}

/// The application's closure, in the store that it was built in, against that store's own database.
extension Catalogue {
    private var verification: Case {
        Case(
            "verify", on: .ext4, try isQuick ? supplies.seed() : supplies.application(),
            [.verify(repot), .verifyPath], rounds: rounds, roundsPerArena: rounds, isChecked: false)
    }
}

/// The application's closure, on one file system after the other.
extension Catalogue {
    private var closures: [Case] {
        [
            copy("ext4-copy", on: .ext4), link("ext4-link", on: .ext4),
            copyOfBytes("xfs-copy", on: .xfs), link("xfs-link", on: .xfs), reflink("xfs-reflink", on: .xfs),
            copyOfBytes("btrfs-copy", on: .btrfs), link("btrfs-link", on: .btrfs),
            reflink("btrfs-reflink", on: .btrfs), copy("tmpfs-copy", on: .tmpfs), link("tmpfs-link", on: .tmpfs),
        ]
    }

    private func copy(_ name: String, on ground: Ground) -> Case {
        let own: [Contender] = [.repot(repot, "-R"), .floor(floor, "copy")]
        let peers: [Contender] = [.plain, .archive, .rsync, .tar, .uutils, .rclone, .nix]
        return Case(name, on: ground, try supplies.application(), own + peers + [.stage(repot)], rounds: rounds)
    }

    /// Where files could share extents, and must not.
    private func copyOfBytes(_ name: String, on ground: Ground) -> Case {
        let peers: [Contender] = [
            .archiveOfBytes, .rsync, .tar, .uutils("-a", "--reflink=never"), .rclone, .nix,
        ]
        let own: [Contender] = [.repot(repot, "-R", "--reflink=never"), .floor(floor, "copy")]
        let stage = Contender.stage(repot, "--strategy", "copy")
        return Case(name, on: ground, try supplies.application(), own + peers + [stage], rounds: rounds)
    }

    private func link(_ name: String, on ground: Ground) -> Case {
        let own: [Contender] = [.repot(repot, "-R", "-l", sharing: .inodes), .floor(floor, "link")]
        let peers: [Contender] = [.links, .plain, .cpio, .ostree]
        let stage = Contender.stage(repot, "--strategy", "hardlink", sharing: .inodes)
        return Case(name, on: ground, try supplies.application(), own + peers + [stage], rounds: rounds)
    }

    private func reflink(_ name: String, on ground: Ground) -> Case {
        let own: [Contender] = [
            .repot(repot, "-R", "--reflink=always", sharing: .extents), .floor(floor, "reflink"),
        ]
        let others: [Contender] = [
            .reflink, .plain, .uutils("-a", "--reflink=always"), .repot(repot, "-R"), .stage(repot),
        ]
        return Case(name, on: ground, try supplies.application(), own + others, rounds: rounds)
    }

    private var overlay: Case {
        let own: [Contender] = [.repot(repot, "-R"), .floor(floor, "copy")]
        let others: [Contender] = [.links, .archive, .plain, .repot(repot, "-R", "-l")]
        return Case("overlay", on: .overlay, try supplies.application(), own + others, rounds: rounds)
    }

    private var across: Case {
        let contenders: [Contender] = [
            .repot(repot, "-R"), .floor(floor, "copy"), .plain, .archive, .rsync, .tar, .links,
        ]
        return Case(
            "ext4-to-xfs", on: .across(.ext4, .xfs), try supplies.application(), contenders, rounds: rounds)
    }

    private var cold: Case {
        let contenders: [Contender] = [.repot(repot, "-R"), .floor(floor, "copy"), .plain, .archive, .rsync, .tar]
        return Case("ext4-cold", on: .coldExt4, try supplies.application(), contenders, rounds: rounds)
    }
}
