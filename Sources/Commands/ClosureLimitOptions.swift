import ArgumentParser
import NixClosure
import SystemCalls

/// The limits of a closure.
struct ClosureLimitOptions: ParsableArguments {
    @Option(help: ArgumentHelp("Maximum size of the closure, such as 500M or 1.5GiB.", valueName: "size"))
    var maxSize: String?

    @Option(help: ArgumentHelp("Maximum number of store paths.", valueName: "n"))
    var maxPaths: Int?

    @Option(
        // Names of outputs begin with a dash: '-dev$'.
        parsing: .unconditionalSingleValue,
        help: ArgumentHelp(
            "Deny paths whose name, without the hash, contains a match of this POSIX extended regular expression.",
            valueName: "regex"))
    var deny: [String] = []

    mutating func validate() throws {
        if let maxSize, ByteSize(maxSize) == nil {
            throw ValidationError("--max-size takes a size such as 500M, 1.5GiB or 200MB, not '\(maxSize)'")
        }
        if let maxPaths, maxPaths < 0 { throw ValidationError("--max-paths takes a number, not '\(maxPaths)'") }
        _ = try expressions()
    }

    private func expressions() throws -> [RegularExpression] {
        try deny.map { text in
            do throws(RegularExpression.Failure) { return try RegularExpression(text) } catch {
                throw ValidationError("--deny '\(text)': \(error.message)")
            }
        }
    }

    var needsSizes: Bool { maxSize != nil }

    func violations(_ graph: ClosureGraph) throws -> [ClosureViolation] {
        guard maxSize != nil || maxPaths != nil || !deny.isEmpty else { return [] }
        var limits = ClosureLimits()
        limits.bytes = maxSize.flatMap { ByteSize($0)?.bytes }
        limits.paths = maxPaths
        limits.denied = zip(deny, try expressions()).map { text, expression in
            (text, { expression.occurs(in: $0.name) })
        }
        return limits.violations(graph, ClosureSizes(graph))
    }
}

extension ClosureViolation {
    /// What is broken, by whom, and how the closure comes to it.
    func text(_ store: Store) -> String {
        let way =
            chain.count > 1
            ? ", by way of \(chain.map { store.path(of: $0).description }.joined(separator: " -> "))" : ""
        let name = offender.map { "'\(store.path(of: $0))'" } ?? "a root"
        return switch limit {
        case .size(let bytes, let most):
            "the closure takes \(bytes.binaryUnits), \((bytes - most).binaryUnits) more than --max-size allows; "
                + "its largest path is \(name)\(way)"
        case .count(let paths, let most):
            "the closure has \(paths.counted("path")), \((paths - most).grouped) more than --max-paths allows; "
                + "most of them come with \(name)\(way)"
        case .denied(let pattern): "\(name) is denied by '\(pattern)'\(way.isEmpty ? ": it is a root" : way)"
        }
    }
}
