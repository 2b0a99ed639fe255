import JSON
import NixClosure
import SystemCalls

/// What differs between two closures, as a table or JSON.
struct ClosureDiffView {
    private let diff: ClosureDiff

    init(_ diff: ClosureDiff) { self.diff = diff }

    /// A line a name, and one that adds up.
    func lines(_ columns: Columns) -> [StyledLine] {
        var columns = columns
        for row in diff.rows {
            columns.add(
                [row.change.rawValue, row.bytes.signedUnits, "\(row.name) \(versions(row))"], style(row.change))
        }
        let total =
            diff.rows.isEmpty
            ? "the closures have the same paths"
            : "\(diff.bytes.signedUnits) in all; \(diff.common.counted("path")) in common"
        return columns.lines + [StyledLine(total)]
    }

    private func style(_ change: ClosureDiff.Change) -> StyledLine.Style {
        switch change {
        case .added: .bad
        case .removed: .good
        case .changed: .warning
        case .rebuilt: .plain
        }
    }

    private func versions(_ row: ClosureDiff.Row) -> String {
        let (before, now) = (list(row.before), list(row.now))
        return switch row.change {
        case .added: now
        case .removed, .rebuilt: before
        case .changed: "\(before) -> \(now)"
        }
    }

    private func list(_ versions: [String]) -> String {
        versions.map { $0.isEmpty ? "(no version)" : $0 }.joined(separator: ", ")
    }

    var json: JSONValue {
        .object([
            ("schemaVersion", .number(1)), ("bytes", .number(Double(diff.bytes))),
            ("commonPaths", .number(Double(diff.common))), ("changes", .array(diff.rows.map(json))),
        ])
    }

    private func json(_ row: ClosureDiff.Row) -> JSONValue {
        .object([
            ("name", .string(row.name)), ("change", .string(row.change.rawValue)),
            ("before", .array(row.before.map { .string($0) })), ("now", .array(row.now.map { .string($0) })),
            ("bytes", .number(Double(row.bytes))),
        ])
    }
}

extension Int64 {
    /// `+1.5 MiB`, `-20 B`.
    fileprivate var signedUnits: String {
        self == 0 ? "0 B" : (self < 0 ? "-" : "+") + magnitude.binaryUnits
    }
}
