import ArgumentParser
import SystemCalls
import Tar

/// The options for the format of an archive.
struct ArchiveFormOptions: ParsableArguments {
    @Option(
        name: [.customLong("compression"), .customLong("compress")],
        help: ArgumentHelp(
            "none, gzip[:1-12] or zstd[:1-19]; otherwise by the suffix of FILE, such as .tar.gz or .tar.zst.",
            valueName: "format"),
        completion: .list(["none", "gzip", "zstd"]))
    var compression: String?

    @OptionGroup var members: MemberOptions

    @Flag(help: "Begin large files on block boundaries, so that reflinks can share them.")
    var align = false

    @Option(name: .shortAndLong, help: ArgumentHelp("The number of workers.", valueName: "n"))
    var jobs: Int?

    mutating func validate() throws {
        if let jobs, !(1...1024).contains(jobs) { throw ValidationError("--jobs takes a number from 1 to 1024") }
    }

    /// The options of the archive.
    ///
    /// - Parameter file: the archive; nil for standard output.
    /// - Throws: An error if options contradict each other or the name of the file.
    func options(for file: Path?) throws(ValidationError) -> ArchiveOptions {
        var options = ArchiveOptions()
        members.fill(&options)
        options.compression = try CompressionArgument(argument: compression, file: file).value() ?? .none
        if align, options.compression != .none {
            throw ValidationError("--align has no effect on a compressed archive; leave it out")
        }
        options.aligns = align
        options.workers = jobs
        return options
    }
}
