import TestSupport

/// Those who write archives of a folder: owner 0:0, time 1, names in order.
extension Contender {
    /// How an archive leaves a program.
    enum Outlet: String {
        case file, pipe, gzip, zstd
    }

    /// `repot tar` of a folder.
    static func archive(_ repot: ByteString, _ outlet: Outlet, _ options: ByteString...) -> Contender {
        let words: [ByteString] =
            options + (outlet == .gzip || outlet == .zstd ? ["--compress", ByteString(outlet.rawValue)] : [])
        let name = (["repot tar"] + words.map(\.description)).joined(separator: " ")
        return Contender(
            name, Tool(repot.description), role: .repot, excused: notKept, unpack: unpacked(outlet)
        ) { places in
            let command = [repot, "tar", "--quiet", "--rootfs", places.source] + words
            return outlet == .pipe
                ? ["bash", "-c", "\"${@:2}\" | cat >\"$1\"", "bash", places.destination] + command
                : command + ["-o", places.destination]
        }
    }

    /// GNU tar with the options that give the same content, and what people pack it with.
    static func gnuTar(_ outlet: Outlet) -> Contender {
        let options = "--sort=name --format=pax --xattrs --acls --numeric-owner --owner=0 --group=0 --mtime=@1"
        let packer: String =
            switch outlet {
            case .file: ""
            case .pipe: " | cat"
            case .gzip: " | pigz"
            case .zstd: " | zstd -q -T0"
            }
        let target = outlet == .file ? "-f \"$2\"" : "-f -"
        let end = outlet == .file ? "" : " >\"$2\""
        let script = "tar -C \"$1\" \(options) -c \(target) .\(packer)\(end)"
        let tool =
            outlet == .gzip
            ? Tool("pigz", package: "pigz")
            : outlet == .zstd ? Tool("zstd", package: "zstd") : Tool("tar", package: "tar")
        return Contender("tar\(packer)", tool, excused: notKept, unpack: unpacked(outlet)) { places in
            ["bash", "-e", "-o", "pipefail", "-c", ByteString(script), "bash", places.source, places.destination]
        }
    }

    /// The archive has its own; which names share an inode repot decides by content.
    private static let notKept: Set<Aspect> = [
        .times, .rootTimes, .symlinkTimes, .directoryTimes, .owner, .group, .links, .holes,
    ]

    private static func unpacked(_ outlet: Outlet) -> @Sendable (Places) throws -> ByteString {
        { places in
            let folder = places.destination + ".unpacked"
            let packing: [ByteString] = outlet == .gzip ? ["-z"] : outlet == .zstd ? ["--zstd"] : []
            try Command.succeed(["mkdir", folder])
            try Command.succeed(
                ["tar", "--acls", "--xattrs", "--xattrs-include=*", "--numeric-owner"] + packing
                    + ["-xp", "-C", folder, "-f", places.destination])
            return folder
        }
    }
}
