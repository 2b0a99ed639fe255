public import SystemCalls

/// All that is in the way of a root file system. Nothing has been written.
public struct RootfsConflicts: Error, Hashable, Sendable, CustomStringConvertible {
    /// At least one, in the order of their paths as far as they were found together.
    public let errors: [PathError]

    /// nil where there is none.
    init?(_ errors: [PathError]) {
        if errors.isEmpty { return nil }
        self.errors = errors
    }

    /// Those, and what made it useless to look further.
    init(_ errors: [PathError], _ last: PathError) { self.errors = errors + [last] }

    /// A line each.
    public var description: String { errors.map(\.description).joined(separator: "\n") }
}

extension Path {
    /// An entry of the root file system, as its users know it.
    var inRoot: Path { Path("/").appending(self) }
}

extension [PathError] {
    /// Does the work, and notes why it could not be done.
    mutating func collect(_ work: () throws(PathError) -> Void) {
        do throws(PathError) { try work() } catch { append(error) }
    }
}
