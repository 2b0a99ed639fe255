import JSON
import SystemCalls
import Tar

extension ArchiveReport {
    /// One line, such as `10,609 files, 294.3 MiB: 9,871 with content, 738 hard links; archive of 305.2 MiB in 0.2 s`.
    var summary: String {
        var parts = ["\(files.grouped) with content"]
        if links > 0 { parts.append(links.counted("hard link")) }
        if sharedBytes > 0 { parts.append("\(sharedBytes.binaryUnits) shared with their source") }
        if warningCount > 0 { parts.append(warningCount.counted("warning")) }
        return "\((files + links).counted("file")), \(contentBytes.binaryUnits): \(parts.joined(separator: ", ")); "
            + "archive of \(archiveBytes.binaryUnits) in \(seconds.shortSeconds)"
    }

    /// How content got into the archive, and why not otherwise.
    var reasons: [String] {
        let shared = "\(sharedBytes.binaryUnits) of \(contentBytes.binaryUnits) share extents with their source"
        return [sharingRefusal.map { "\(shared): there are no reflinks here (\($0.message))" } ?? shared]
    }

    /// The report for machines.
    var json: JSONValue {
        .object([
            ("members", .number(Double(members))), ("files", .number(Double(files))),
            ("links", .number(Double(links))), ("bytes", .number(Double(contentBytes))),
            ("archiveBytes", .number(Double(archiveBytes))), ("sharedBytes", .number(Double(sharedBytes))),
            ("seconds", .number(seconds)), ("warningCount", .number(Double(warningCount))),
            ("warnings", .array(warnings.map { .string($0.description) })),
        ])
    }
}
