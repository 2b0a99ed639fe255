import Counting
@preconcurrency import Glibc
import Measuring
import TestSupport

/// What the command line asks for.
struct Settings {
    static let usage = """
        Usage: count [--quick] [--repot PATH] [--limits FILE] [--json FILE] [--markdown FILE]
        Counts what repot does, and exits 1 when it is more than counts.txt allows.
          --quick   all but the memory for a million files: what CI runs, within two minutes
        """

    var isQuick = false
    var repot = "repot"
    var limits = "Benchmarks/counts.txt"
    var json: String?
    var markdown: String?

    init(_ arguments: [String]) throws {
        var rest = arguments[...]
        while let option = rest.popFirst() {
            if option == "--quick" {
                isQuick = true
                continue
            }
            guard let value = rest.popFirst() else { throw TestError("what about '\(option)'?\n\(Self.usage)") }
            switch option {
            case "--repot": repot = value
            case "--limits": limits = value
            case "--json": json = value
            case "--markdown": markdown = value
            default: throw TestError("what is '\(option)'?\n\(Self.usage)")
            }
        }
    }
}

setvbuf(stdout, nil, _IOLBF, 0)
umask(0o022)
do {
    let settings = try Settings(Array(CommandLine.arguments.dropFirst()))
    let report = try count(ByteString(settings.repot), isQuick: settings.isQuick, limits: settings.limits)
    print(report.table)
    for advice in report.advice { print("", advice, separator: "\n") }
    if let path = settings.json { try TextFile.write(report.json.text + "\n", to: path) }
    if let path = settings.markdown { try TextFile.write(report.markdown, to: path) }
    exit(report.isPassed ? 0 : 1)
} catch {
    fputs("count: \(error)\n", stderr)
    exit(2)
}
