import ArgumentParser
import SystemCalls
import Tar

/// What an archive is like.
struct ArchiveFormOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp("none, gzip[:1-12] or zstd[:1-19].", valueName: "format"),
        completion: .list(["none", "gzip", "zstd"]))
    var compress = "none"

    @Option(help: ArgumentHelp("The owner of everything: UID:GID, or source.", valueName: "owner"))
    var owner = "0:0"

    @Option(help: ArgumentHelp("The time of everything, in seconds since 1970, or source.", valueName: "seconds"))
    var mtime = "1"

    @Option(
        help: ArgumentHelp("Which names share an inode: canonical, preserve or break.", valueName: "which"),
        completion: .list(Self.links.keys.sorted()))
    var hardlinks = "canonical"

    @Flag(help: "Begin large files on block boundaries, so that reflinks can share them.")
    var align = false

    @Option(name: .shortAndLong, help: ArgumentHelp("The number of workers.", valueName: "n"))
    var jobs: Int?

    private static let links: [String: ArchiveHardLinks] = [
        "canonical": .canonical, "preserve": .preserve, "break": .break,
    ]

    mutating func validate() throws {
        if compression == nil {
            throw ValidationError("--compress takes none, gzip, gzip:1 to 12, zstd or zstd:1 to 19, not '\(compress)'")
        }
        if align, compression != ArchiveCompression.none {
            throw ValidationError("--align is of no use to a compressed archive: leave out one of them")
        }
        if times == nil { throw ValidationError("--mtime takes a number of seconds or source, not '\(mtime)'") }
        if owner != "source", ownership == nil {
            throw ValidationError("--owner takes UID:GID in numbers or source, not '\(owner)'")
        }
        if Self.links[hardlinks] == nil {
            throw ValidationError("--hardlinks takes canonical, preserve or break, not '\(hardlinks)'")
        }
        if let jobs, !(1...1024).contains(jobs) { throw ValidationError("--jobs takes a number from 1 to 1024") }
    }

    var options: ArchiveOptions {
        var options = ArchiveOptions()
        options.owner = ownership
        options.times = times ?? options.times
        options.hardLinks = Self.links[hardlinks] ?? options.hardLinks
        options.compression = compression ?? options.compression
        options.aligns = align
        options.workers = jobs
        return options
    }

    private var times: ArchiveTimes? { mtime == "source" ? .source : Int64(mtime).map { .fixed($0) } }

    private var ownership: Ownership? {
        let numbers = owner.split(separator: ":", omittingEmptySubsequences: false).map { UInt32($0) }
        guard numbers.count == 2, let user = numbers[0], let group = numbers[1], user != .max, group != .max
        else { return nil }
        return Ownership(user: user, group: group)
    }

    private var compression: ArchiveCompression? { ArchiveCompression(argument: compress) }
}

extension ArchiveCompression {
    /// nil for what is none.
    init?(argument: String) {
        let parts = argument.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
        let level = parts.count == 2 ? Int(parts[1]) : nil
        if parts.count == 2, level == nil { return nil }
        switch parts[0] {
        case "none" where level == nil: self = .none
        case "gzip" where (1...12).contains(level ?? 6): self = .gzip(level: level ?? 6)
        case "zstd" where (1...19).contains(level ?? 3): self = .zstd(level: level ?? 3)
        default: return nil
        }
    }
}
