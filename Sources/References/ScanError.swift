package import SystemCalls

/// Why something could not be scanned: one shape for the module.
package struct ScanError: Error, Hashable, Sendable, CustomStringConvertible {
    /// What failed, as in `cannot read`.
    package let operation: String
    /// The file or directory.
    package let path: Path
    package let errno: Errno

    /// A whole sentence, but for a remedy, which depends on who asks.
    package var description: String { "\(operation) \(path.quoted): \(errno.message)" }
}
