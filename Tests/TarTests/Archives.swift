import SystemCalls
import Tar
import TestSupport
import Testing

extension Path {
    init(_ path: ByteString) { self.init(path.bytes) }
}

/// Archives a folder as a root of its own, with two workers unless `change` says otherwise.
@discardableResult
func archive(
    _ folder: ByteString, to output: ByteString, _ change: (inout ArchiveOptions) -> Void = { _ in }
) throws -> ArchiveReport {
    var options = ArchiveOptions()
    options.workers = 2
    change(&options)
    return try TarWriter([ArchiveItem(".", .tree(Path(folder)))], options).write(to: .file(Path(output)))
}

/// Everything as the source has it: what readers are to give back.
func keepingAll(_ options: inout ArchiveOptions) {
    options.owner = nil
    options.times = .source
    options.hardLinks = .preserve
}

func content(_ path: ByteString) throws -> [UInt8] { try readSmallFile(Path(path)) }

/// A reader of archives and what it leaves behind of a tree.
struct ArchiveReader: Sendable, CustomTestStringConvertible {
    let name: String
    let arguments: [ByteString]
    var loses: Set<Aspect> = []
    /// What it does not make, or only with a warning, whoever wrote the archive.
    var stumblesOver: Set<RandomTree.Feature> = []

    var testDescription: String { name }

    /// Extracts into a new folder; says what it warned of.
    func extract(_ archive: ByteString, into folder: ByteString) throws -> String {
        try TreeBuilder.build(at: folder) { _ in }
        let arguments = arguments.map { $0 == "ARCHIVE" ? archive : $0 == "FOLDER" ? folder : $0 }
        let result = try Command(arguments, directory: folder).run()
        guard result.status == 0 else { throw TestError("\(name): \(result.errorText)") }
        return result.errorText
    }

    static let gnu = ArchiveReader(
        name: "GNU tar",
        arguments: [
            "tar", "--warning=no-timestamp", "--xattrs", "--xattrs-include=*", "--acls", "--numeric-owner", "-xpf",
            "ARCHIVE",
        ],
    )
    static let bsd = ArchiveReader(
        name: "bsdtar", arguments: ["bsdtar", "--numeric-owner", "--xattrs", "--acls", "-xpf", "ARCHIVE"],
        loses: [.rootTimes],
        // It takes the fraction in the wrong direction.
        stumblesOver: [.ancientTime])
    static let busybox = ArchiveReader(
        name: "busybox tar", arguments: ["busybox", "tar", "-xpf", "ARCHIVE"],
        loses: [.xattrs, .acls, .times, .owner, .group])
    static let python = ArchiveReader(
        name: "Python's tarfile",
        arguments: [
            "python3", "-c",
            // Debian 12's own has no filters, and needs none.
            """
            import sys, tarfile
            trust = {'filter': 'fully_trusted'} if hasattr(tarfile, 'data_filter') else {}
            tarfile.open(sys.argv[1]).extractall(sys.argv[2], numeric_owner=True, **trust)
            """,
            "ARCHIVE", "FOLDER",
        ], loses: [.xattrs, .acls, .times],
        // It looks for what the first name points at.
        stumblesOver: [.linkedLink])
    static let all = [gnu, bsd, busybox, python]
}
