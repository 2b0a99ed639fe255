public import SystemCalls

/// Why there is no archive.
public struct ArchiveError: Error, Hashable, Sendable, CustomStringConvertible {
    /// What was being done when a system call failed.
    public enum Operation: String, Sendable, Hashable {
        case open = "cannot open"
        case inspect = "cannot stat"
        case list = "cannot read directory"
        case readLink = "cannot read symbolic link"
        case readAttributes = "cannot read extended attributes of"
        case read = "error reading"
        case create = "cannot create"
        case write = "error writing"
        case publish = "cannot rename into place"
        case sync = "cannot write to disk"
    }

    /// What happened.
    public enum Reason: Hashable, Sendable {
        /// A system call failed while doing this.
        case failed(Operation, Errno)
        /// The source changed while it was read; the text says how.
        case changed(String)
        /// What is read is no archive, or one that is not understood; the text says what is wrong, and where.
        case malformed(String)
        /// The request cannot be met as it stands; the sentence says why and what to do.
        case refused(String)
        /// The run was cancelled.
        case cancelled
    }

    /// What happened.
    public let reason: Reason
    /// The entry it is about.
    public let path: Path

    package init(_ reason: Reason, _ path: Path) {
        self.reason = reason
        self.path = path
    }

    init(_ operation: Operation, _ errno: Errno, _ path: Path) {
        self.init(.failed(operation, errno), path)
    }

    /// For what is refused before an archive is begun.
    package static func refused(_ path: Path, _ why: String) -> ArchiveError { ArchiveError(.refused(why), path) }

    /// The error number, where a system call failed.
    ///
    /// Not inlined: Swift 6.3 cannot compile callers that look at an error and pass it on (CopyPropagation, 'Non
    /// Consuming User').
    @inline(never)
    public var errno: Errno? {
        guard case .failed(_, let errno) = reason else { return nil }
        return errno
    }

    /// One line for people.
    public var description: String {
        switch reason {
        case .failed(let operation, let errno): "\(operation.rawValue) \(path.quoted): \(errno.message)"
        case .changed(let how): "\(path.quoted) changed while being archived: \(how); run it again"
        case .malformed(let what): "\(path.quoted) is no archive that can be read: \(what)"
        case .refused(let why): why
        case .cancelled: "\(path.quoted) is not written: the run was cancelled"
        }
    }
}

/// Says what a call was for when it fails.
func attempt<R: ~Copyable>(
    _ operation: ArchiveError.Operation, _ path: @autoclosure () -> Path, _ body: () throws(Errno) -> R
) throws(ArchiveError) -> R {
    do throws(Errno) { return try body() } catch { throw ArchiveError(operation, error, path()) }
}
