import ImageVerification
import JSON
import NixClosure
import SystemCalls

/// What `verify` tells of an image.
struct ImageVerificationText {
    let options: OutputOptions

    /// Says what was found and returns the exit status. What was not found out is said, and is nothing wrong.
    func tell(_ report: ImageVerificationReport) -> Int32 {
        for finding in report.findings.sorted(by: { $0.text < $1.text }) {
            Console.line("repot: \(finding.text)", to: .error)
        }
        for note in notes(report) where !options.quiet { Console.line("repot: note: \(note.text)", to: .error) }
        if !options.quiet || options.explain { tellUnchecked(report) }
        if options.explain {
            for origin in report.origins.sorted() {
                Console.line("what store paths should be, \(origin) says", to: .error)
            }
        }
        return options.conclude(
            isClean: report.isClean, wasCancelled: report.wasCancelled, json: json(report), summary: summary(report))
    }

    /// One line a reason, unless all are wanted.
    private func tellUnchecked(_ report: ImageVerificationReport) {
        for (reason, paths) in Dictionary(grouping: report.unchecked, by: \.reason).sorted(by: { $0.key < $1.key }) {
            let names = paths.map { "\($0.path)" }.sorted()
            let shown = options.verbose ? names : Array(names.prefix(1))
            let rest = names.count > shown.count ? " and \(names.count - shown.count) more" : ""
            Console.line("not checked, as \(reason): \(shown.joined(separator: " "))\(rest)", to: .error)
        }
    }

    /// `12 blobs, 294.3 MiB, 312 paths: whole and unaltered (0.9 s)`.
    private func summary(_ report: ImageVerificationReport) -> String {
        let verdict = report.isClean ? "whole and unaltered" : report.findings.count.counted("finding")
        let rest = report.unchecked.isEmpty ? "" : ", \(report.unchecked.count.counted("path")) not checked"
        return "\(report.blobs.counted("blob")), \(report.bytes.binaryUnits), \(report.storePaths.counted("path")): "
            + "\(verdict)\(rest) (\(report.seconds.shortSeconds))"
    }

    private func json(_ report: ImageVerificationReport) -> JSONValue {
        let findings = report.findings.sorted { $0.text < $1.text }
        let unchecked = report.unchecked.sorted { ($0.path, $0.reason) < ($1.path, $1.reason) }
        return .object([
            ("schemaVersion", .number(1)),
            ("origins", .array(report.origins.sorted().map { .string($0) })),
            ("images", .number(Double(report.images))), ("blobs", .number(Double(report.blobs))),
            ("bytes", .number(Double(report.bytes))), ("paths", .number(Double(report.storePaths))),
            ("seconds", .number(report.seconds)), ("clean", .bool(report.isClean)),
            ("cancelled", .bool(report.wasCancelled)), ("findings", .array(findings.map(json))),
            ("unchecked", .array(unchecked.map(json))),
            ("notes", .array(notes(report).map(json))),
        ])
    }

    private func notes(_ report: ImageVerificationReport) -> [ImageFinding] {
        report.notes.sorted { $0.text < $1.text }
    }

    private func json(_ finding: ImageFinding) -> JSONValue {
        .object([
            ("subject", .string(finding.subject)), ("problem", .string(finding.kind)),
            ("message", .string(finding.text)),
        ])
    }

    private func json(_ path: UncheckedPath) -> JSONValue {
        .object([("path", .string("\(path.path)")), ("reason", .string(path.reason))])
    }
}
