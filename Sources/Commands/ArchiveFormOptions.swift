import ArgumentParser
import SystemCalls
import Tar

/// What an archive is like.
struct ArchiveFormOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp("none, gzip[:1-12] or zstd[:1-19].", valueName: "format"),
        completion: .list(["none", "gzip", "zstd"]))
    var compress = "none"

    @OptionGroup var members: MemberOptions

    @Flag(help: "Begin large files on block boundaries, so that reflinks can share them.")
    var align = false

    @Option(name: .shortAndLong, help: ArgumentHelp("The number of workers.", valueName: "n"))
    var jobs: Int?

    mutating func validate() throws {
        if compression == nil {
            throw ValidationError("--compress takes none, gzip, gzip:1 to 12, zstd or zstd:1 to 19, not '\(compress)'")
        }
        if align, compression != ArchiveCompression.none {
            throw ValidationError("--align is of no use to a compressed archive: leave out one of them")
        }
        if let jobs, !(1...1024).contains(jobs) { throw ValidationError("--jobs takes a number from 1 to 1024") }
    }

    var options: ArchiveOptions {
        var options = ArchiveOptions()
        members.fill(&options)
        options.compression = compression ?? options.compression
        options.aligns = align
        options.workers = jobs
        return options
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
