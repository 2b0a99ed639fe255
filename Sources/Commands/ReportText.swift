import JSON
import SystemCalls
import TreeCopy

extension CopyReport {
    /// One line, such as `1,409 paths, 5.2 GiB: 60,112 linked, 1,091 copied (crosses a mount) in 0.9 s`.
    func summary(_ unit: Display.Unit) -> String {
        let subject = unit == .paths ? roots.counted("path") : (counts.entries - counts.directories).counted("file")
        return "\(subject), \(counts.bytes.binaryUnits): \(parts.joined(separator: ", ")) in \(seconds.shortSeconds)"
    }

    private var parts: [String] {
        let reasons = fallbacks.sorted { ($1.value, $0.key) < ($0.value, $1.key) }.map(\.key)
        let because = reasons.isEmpty ? "" : " (\(reasons.joined(separator: "; ")))"
        var parts: [String] = []
        if counts.moved > 0 { parts.append("\(counts.moved.grouped) moved") }
        if counts.linked > 0 { parts.append("\(counts.linked.grouped) linked") }
        if counts.cloned > 0 { parts.append("\(counts.cloned.grouped) reflinked") }
        if counts.copied > 0 { parts.append("\(counts.copied.grouped) copied\(because)") }
        if counts.relinked > 0 { parts.append("\(counts.relinked.grouped) linked again") }
        if counts.pruned > 0 {
            parts.append("pruned \(counts.pruned.entries), \(counts.prunedBytes.binaryUnits)")
        }
        if counts.skipped > 0 { parts.append("\(counts.skipped.grouped) there already") }
        if warningCount > 0 { parts.append(warningCount.counted("warning")) }
        if errorCount > 0 { parts.append("\(errorCount.grouped) failed") }
        return parts.isEmpty ? ["nothing to copy"] : parts
    }

    /// With the errors of a step beside the engine's.
    func adding(_ more: [CopyError]) -> CopyReport {
        var report = self
        report.errors += more
        report.errorCount += more.count
        return report
    }

    /// The report for machines.
    var json: JSONValue {
        .object([
            ("roots", .number(Double(roots))), ("bytes", .number(Double(counts.bytes))),
            ("linked", .number(Double(counts.linked))), ("reflinked", .number(Double(counts.cloned))),
            ("copied", .number(Double(counts.copied))), ("relinked", .number(Double(counts.relinked))),
            ("directories", .number(Double(counts.directories))), ("symlinks", .number(Double(counts.symlinks))),
            ("special", .number(Double(counts.specials))), ("skipped", .number(Double(counts.skipped))),
            ("moved", .number(Double(counts.moved))), ("pruned", .number(Double(counts.pruned))),
            ("prunedBytes", .number(Double(counts.prunedBytes))),
            ("seconds", .number(seconds)), ("cancelled", .bool(wasCancelled)),
            ("fallbacks", .object(fallbacks.sorted { $0.key < $1.key }.map { ($0.key, .number(Double($0.value))) })),
            ("strategies", .array(reasons.map(\.json))),
            ("errorCount", .number(Double(errorCount))), ("errors", .array(errors.map(\.json))),
            ("warningCount", .number(Double(warningCount))), ("warnings", .array(warnings.map(\.json))),
        ])
    }
}

extension StrategyReason {
    var json: JSONValue {
        .object([
            ("source", .string("\(source)")), ("fileSystems", .string(fileSystems)),
            ("findings", .array(findings.map { .string($0) })),
        ])
    }
}

extension CopyError {
    var json: JSONValue {
        .object([
            ("path", .string("\(path)")), ("message", .string(description)),
            ("errno", errno.map { .string($0.name) } ?? .null),
        ])
    }
}

extension BinaryInteger {
    /// `1,409`.
    var grouped: String {
        let digits = Array(String(magnitude).reversed())
        let groups = stride(from: 0, to: digits.count, by: 3).map { String(digits[$0..<min($0 + 3, digits.count)]) }
        return (self < 0 ? "-" : "") + String(groups.joined(separator: ",").reversed())
    }

    /// `1 path`, `2 paths`.
    func counted(_ noun: String) -> String { "\(grouped) \(noun)\(self == 1 ? "" : "s")" }

    /// `1 entry`, `2 entries`.
    var entries: String { "\(grouped) \(self == 1 ? "entry" : "entries")" }

    /// `5.2 GiB`.
    var binaryUnits: String {
        var value = Double(self)
        var unit = "B"
        for larger in ["KiB", "MiB", "GiB", "TiB", "PiB"] where value >= 1024 {
            value /= 1024
            unit = larger
        }
        return unit == "B" ? "\(self) B" : "\((value * 10).rounded() / 10) \(unit)"
    }

    /// `2:07`, or `1:02:07`.
    var clock: String {
        let seconds = Int(self)
        func padded(_ number: Int) -> String { number < 10 ? "0\(number)" : "\(number)" }
        let minutes = seconds / 60
        let tail = "\(padded(minutes % 60)):\(padded(seconds % 60))"
        return minutes < 60 ? "\(minutes):\(padded(seconds % 60))" : "\(minutes / 60):\(tail)"
    }
}

extension Double {
    /// `0.9 s`.
    var shortSeconds: String { self < 10 ? "\((self * 100).rounded() / 100) s" : "\((self * 10).rounded() / 10) s" }
}

extension CopyEvent {
    /// Whether it is reported with --debug only.
    var isDetail: Bool {
        switch self {
        case .filled, .skipped: true
        case .made, .removed, .restored: false
        }
    }

    /// As cp says it with -v.
    var line: String {
        switch self {
        case .made(let source, let destination, let backup):
            "\(source.quoted) -> \(destination.quoted)" + (backup.map { " (backup: \($0.quoted))" } ?? "")
        case .filled(let method):
            "copy offload: \(method.offload), reflink: \(method.reflink), sparse detection: \(method.holes.rawValue)"
        case .skipped(let path): "skipped \(path.quoted)"
        case .removed(let path): "removed \(path.quoted)"
        case .restored(let backup, let path): "\(backup.quoted) -> \(path.quoted) (unbackup)"
        }
    }
}
