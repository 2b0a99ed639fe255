import JSON
import NixClosure
import Pruning
import SystemCalls
import Verification

import struct ImageVerification.RootfsComparisonReport
import struct ImageVerification.RootfsDifference

/// What `verify` tells.
struct VerificationText {
    /// So many files of one finding are named; JSON and -v name all.
    private static let mostFiles = 5

    let store: Store
    let options: OutputOptions
    var repaired: [StorePath] = []
    var failures: [Mending.Failure] = []
    /// Of these only the root file system's own record says what is left of them.
    var unproven: [StorePath] = []
    /// The errors that did not end the run.
    var warnings: [String] = []
    /// Whether --repair is permitted.
    var isRepairable = true
    /// The comparison of the entries outside the store with an image; nil if no image was named.
    var comparison: RootfsComparisonReport?

    /// The differences from the image.
    private var differences: [RootfsDifference] { comparison?.differences ?? [] }

    init(store: Store, options: OutputOptions) {
        self.store = store
        self.options = options
    }

    /// Of what was taken anew: what is still not as it should be is so in the store too.
    mutating func judge(_ taken: [StorePath], stillDamaged damaged: Set<StorePath>) {
        repaired = taken.filter { !damaged.contains($0) }
        failures += taken.filter(damaged.contains).map {
            Mending.Failure(
                path: $0,
                reason: "the store's own copy is not as it should be either: put that right first, with "
                    + "nix-store --repair-path or chmod")
        }
    }

    /// Says what was found and returns the exit status.
    func tell(_ report: VerificationReport) -> Int32 {
        let listing = options.verbose ? Int.max : Self.mostFiles
        for failure in failures {
            Console.line("repot: cannot repair '\(store.path(of: failure.path))': \(failure.reason)", to: .error)
        }
        for finding in report.findings {
            Console.line("repot: \(finding.text(in: store, listing: listing, isRepairable: isRepairable))", to: .error)
        }
        for difference in differences { Console.line("repot: \(difference.text)", to: .error) }
        for note in report.notes where !options.quiet {
            Console.line("repot: note: \(note.text(in: store, listing: listing))", to: .error)
        }
        if let first = unproven.first, !options.quiet {
            Console.line(
                "repot: warning: of \(unproven.count.counted("store path")), '\(store.path(of: first))' first, only "
                    + "'/\(PruneRecord.path)' in the root file system says what is left: name their store with --store-root",
                to: .error)
        }
        for warning in warnings where !options.quiet { Console.line("repot: warning: \(warning)", to: .error) }
        if !options.quiet { printUnchecked(report.unchecked) }
        if options.explain { Console.line("source of the expected store paths: \(report.origin)", to: .error) }
        return options.conclude(
            isClean: report.isClean && differences.isEmpty, wasCancelled: report.wasCancelled, json: json(report),
            summary: summary(report))
    }

    /// Prints the number of store paths with unknown hashes and the first of them; with --verbose, each of them.
    private func printUnchecked(_ unchecked: [UncheckedPath]) {
        for path in options.verbose ? unchecked[...] : unchecked.prefix(1) {
            let rest = unchecked.count - 1
            let others = rest > 0 && !options.verbose ? " and of \(rest.counted("other store path"))" : ""
            let remedy = path.reason.map { "\($0)" } ?? "pass a store that has the path with --store-root"
            Console.line(
                "repot: note: the content of '\(store.path(of: path.path))'\(others) is not checked, since its hash is "
                    + "unknown: \(remedy)", to: .error)
        }
    }

    /// `312 paths, 5.2 GiB: complete and unaltered (0.9 s)`.
    private func summary(_ report: VerificationReport) -> String {
        let sound =
            report.unchecked.isEmpty
            ? "complete and unaltered" : "complete, content of \(report.unchecked.count.counted("path")) not checked"
        let findings = report.findings.count + differences.count
        let verdict = findings == 0 ? sound : findings.counted("finding")
        let size = (report.bytes + UInt64(comparison?.bytes ?? 0)).binaryUnits
        let repairs = repaired.isEmpty ? "" : ", \(repaired.count.grouped) taken anew"
        let image = comparison.map { " and \($0.entries.entries) outside the store" } ?? ""
        return "\(report.storePaths.counted("path"))\(image), \(size): \(verdict)\(repairs) "
            + "(\(report.seconds.shortSeconds))"
    }

    private func json(_ report: VerificationReport) -> JSONValue {
        .object([
            ("origin", .string(report.origin)), ("paths", .number(Double(report.storePaths))),
            ("bytes", .number(Double(report.bytes))), ("seconds", .number(report.seconds)),
            ("clean", .bool(report.isClean && differences.isEmpty)), ("cancelled", .bool(report.wasCancelled)),
            ("repaired", .array(repaired.map { .string("\(store.path(of: $0))") })),
            ("unproven", .array(unproven.map { .string("\(store.path(of: $0))") })),
            ("unrepaired", .array(failures.map(json))),
            ("findings", .array(report.findings.map(json) + differences.map(json))),
            ("outside", comparison.map(json) ?? .null),
            ("notes", .array(report.notes.map(json))),
            ("unchecked", .array(report.unchecked.map { .string("\(store.path(of: $0.path))") })),
        ])
    }

    private func json(_ difference: RootfsDifference) -> JSONValue {
        .object([
            ("path", .string("\(difference.path)")), ("problem", .string(difference.kind)), ("files", .array([])),
            ("message", .string(difference.text)), ("repairable", .bool(false)),
        ])
    }

    private func json(_ comparison: RootfsComparisonReport) -> JSONValue {
        .object([
            ("entries", .number(Double(comparison.entries))), ("bytes", .number(Double(comparison.bytes))),
            ("mounts", .array(comparison.mounts.map { .string("\($0)") })),
        ])
    }

    private func json(_ failure: Mending.Failure) -> JSONValue {
        .object([("path", .string("\(store.path(of: failure.path))")), ("message", .string(failure.reason))])
    }

    private func json(_ finding: Finding) -> JSONValue {
        .object([
            ("path", .string("\(store.directory.appending(finding.entry))")), ("problem", .string(finding.kind)),
            ("files", .array(finding.files.map { .string("\($0)") })),
            ("message", .string(finding.text(in: store, isRepairable: isRepairable))),
            ("repairable", .bool(finding.isDamage && isRepairable)),
        ])
    }
}
