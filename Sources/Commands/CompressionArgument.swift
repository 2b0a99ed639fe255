import ArgumentParser
import SystemCalls
import Tar

/// The value of `--compression` and the file whose name has to agree with it.
struct CompressionArgument {
    /// The value of the option; nil if it is not given.
    let argument: String?
    /// The output; nil if it has no name.
    let file: Path?

    /// The suffixes of other compressions. Source: GNU tar manual, 'auto-compress'.
    private static let otherSuffixes = [
        ".Z", ".taZ", ".bz2", ".tz2", ".tbz2", ".tbz", ".lz", ".lzma", ".tlz", ".lzo", ".xz", ".txz",
    ]

    /// The compression of the option, or else the one that the file's suffix stands for; nil if there is neither.
    ///
    /// - Throws: An error if the value is invalid or contradicts the file's name.
    func value() throws(ValidationError) -> ArchiveCompression? {
        if let file, Self.otherSuffixes.contains(where: file.hasSuffix) {
            throw ValidationError(
                "the name \(file.quoted) stands for a compression that repot does not write; use .gz, .zst or another "
                    + "name")
        }
        let implied = file.flatMap { ArchiveCompression(suffixOf: $0) }
        guard let argument else { return implied }
        guard let given = ArchiveCompression(argument: argument) else {
            throw ValidationError(
                "--compression takes none, gzip, gzip:1 to 12, zstd or zstd:1 to 19, not '\(argument)'")
        }
        if let file, let implied, implied.format != given.format {
            throw ValidationError(
                "the name \(file.quoted) stands for \(implied.format), and --compression \(argument) contradicts it; "
                    + "use another name or leave out --compression")
        }
        return given
    }
}

extension ArchiveCompression {
    /// The compression that a suffix stands for; nil for any other name.
    /// Source: GNU tar manual, 'auto-compress'.
    init?(suffixOf file: Path) {
        if [".gz", ".tgz", ".taz"].contains(where: file.hasSuffix) {
            self = .gzip(level: Self.gzipLevel)
        } else if [".zst", ".tzst"].contains(where: file.hasSuffix) {
            self = .zstd(level: Self.zstdLevel)
        } else {
            return nil
        }
    }

    /// Parses a format with or without a level; nil for an invalid value.
    init?(argument: String) {
        let parts = argument.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
        let level = parts.count == 2 ? Int(parts[1]) : nil
        if parts.count == 2, level == nil { return nil }
        switch parts[0] {
        case "none" where level == nil: self = .none
        case "gzip" where (1...12).contains(level ?? Self.gzipLevel): self = .gzip(level: level ?? Self.gzipLevel)
        case "zstd" where (1...19).contains(level ?? Self.zstdLevel): self = .zstd(level: level ?? Self.zstdLevel)
        default: return nil
        }
    }

    private static let gzipLevel = 6
    private static let zstdLevel = 3

    fileprivate var format: String {
        switch self {
        case .none: "none"
        case .gzip: "gzip"
        case .zstd: "zstd"
        }
    }
}

extension Path {
    fileprivate func hasSuffix(_ suffix: String) -> Bool {
        lastComponent.bytes.reversed().starts(with: suffix.utf8.reversed())
    }
}
