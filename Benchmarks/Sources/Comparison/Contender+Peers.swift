import Inputs
import TestSupport

/// What else there is, with the options that a careful user would give.
extension Contender {
    /// What most Dockerfiles do today.
    static let plain = program("cp", "-R", package: "coreutils")
    /// GNU's faithful copy.
    static let archive = program("cp", "-a", package: "coreutils")
    /// GNU's hard links.
    static let links = program("cp", "-al", package: "coreutils", sharing: .inodes)
    /// GNU's shared extents.
    static let reflink = program("cp", "-a", "--reflink=always", package: "coreutils", sharing: .extents)
    /// GNU's faithful copy of every byte, on file systems that could share them.
    static let archiveOfBytes = program("cp", "-a", "--reflink=never", package: "coreutils")
    /// GNU's copy of a single file.
    static let file = program("cp", package: "coreutils")

    /// The slash makes it copy what is in the source, to a folder that it makes.
    static let rsync = Contender("rsync -aHAX", Tool("rsync", package: "rsync")) { places in
        ["rsync", "-aHAX", places.source + "/", places.destination]
    }

    /// All that tar can keep.
    static let tar = pipeline(
        "tar | tar",
        """
        mkdir "$2"; keep=(--acls --xattrs --xattrs-include='*' --numeric-owner); \
        tar -C "$1" "${keep[@]}" --format=posix --sparse -cf - . | tar -C "$2" "${keep[@]}" -xpf -
        """, Tool("tar", package: "tar"))

    /// Hard links. It sets the times of folders as they come, so each has to come after what is in it.
    static let cpio = pipeline(
        "cpio -pdlm",
        "cd \"$1\"; find . -depth -print0 | cpio --null -pdlm --quiet \"$2\"", Tool("cpio", package: "cpio"),
        sharing: .inodes)

    /// uutils' cp, which Debian keeps out of PATH.
    static let uutils = uutils("-a")

    static func uutils(_ options: ByteString...) -> Contender {
        let tool = Tool("/usr/lib/cargo/bin/coreutils/cp", package: "rust-coreutils")
        let words = ["uutils cp"] + options.map(\.description)
        return Contender(words.joined(separator: " "), tool) { places in
            [ByteString(tool.program)] + options + [places.source, places.destination]
        }
    }

    /// `--links` gives symlinks back as such; without `--config ''` it complains that it has no configuration.
    static let rclone = Contender("rclone copy", Tool("rclone", package: "rclone")) { places in
        let keep: [ByteString] = ["--links", "--metadata", "--create-empty-src-dirs"]
        return ["rclone", "copy", "--config", "", "--transfers", "8"] + keep + [places.source, places.destination]
    }

    /// Hard links out of a repository that has the source's files already.
    static let ostree = Contender(
        "ostree checkout -U -H", Tool("ostree", package: "ostree"), sharing: .inodes,
        prepare: { places in
            let here: ByteString = "--repo=" + places.own
            try Command.succeed(["ostree", here, "init", "--mode=bare-user"])
            try Command.succeed([
                "ostree", here, "commit", "--branch=tree", "--disable-fsync", "--tree=dir=" + places.source,
            ])
        },
        command: { places in
            ["ostree", "--repo=" + places.own, "checkout", "-U", "-H", "tree", places.destination]
        })

    /// Nix's own copy, from the closure's store to one that it makes. It builds and fetches nothing.
    static let nix = Contender("nix copy", Tool("nix", package: "nix-bin"), needsClosure: true, result: "nix/store") {
        places in
        let settings: [ByteString] = [
            "--extra-experimental-features", "nix-command", "--option", "build-users-group", "", "--option",
            "substitute", "false", "--no-check-sigs",
        ]
        let stores: [ByteString] = [
            "--from", "local?root=" + places.root, "--to", "local?root=" + places.destination,
        ]
        return ["nix", "copy"] + settings + stores + [try places.requireClosure().root]
    }

    /// Nix's own look at the same paths. It hashes them, and looks at nothing else.
    static let verifyPath = Contender(
        "nix-store --verify-path", Tool("nix-store", package: "nix-bin"), needsClosure: true, result: nil
    ) { places in
        let settings: [ByteString] = ["--option", "build-users-group", ""]
        return ["nix-store", "--store", "local?root=" + places.root] + settings + ["--verify-path"]
            + (try places.requireClosure().paths)
    }
}
