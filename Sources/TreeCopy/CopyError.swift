public import SystemCalls

/// What repot was doing when a system call failed.
public enum Operation: String, Sendable, Hashable {
    case open = "cannot open"
    /// Of a regular file, for what is in it.
    case openContent = "cannot open the content of"
    /// Of a directory, for what is in it.
    case access = "cannot access"
    case inspect = "cannot stat"
    case read = "error reading"
    case write = "error writing"
    case list = "cannot read directory"
    case create = "cannot create regular file"
    case makeDirectory = "cannot create directory"
    case makeNode = "cannot create special file"
    case makeFIFO = "cannot create fifo"
    case link = "cannot create hard link"
    case symlink = "cannot create symbolic link"
    case readLink = "cannot read symbolic link"
    case clone = "failed to clone"
    case setMode = "cannot preserve permissions of"
    case setOwner = "failed to preserve ownership for"
    case setTimes = "preserving times for"
    case setAttributes = "setting attributes for"
    case readAttributes = "cannot read extended attributes of"
    case setACL = "preserving permissions for"
    case close = "failed to close"
    case remove = "cannot remove"
    case publish = "cannot rename into place"
    case backUp = "cannot backup"
    case restore = "cannot un-backup"
    case sync = "cannot write to disk"
}

/// What was not done: one shape for the whole engine.
public struct CopyError: Error, Hashable, Sendable {
    /// Why.
    public enum Reason: Hashable, Sendable {
        /// A system call failed while doing this.
        case failed(Operation, Errno)
        /// The source changed while it was read; the text says how.
        case changed(String)
        /// The request cannot be met as it stands; the sentence says why and what to do.
        case refused(String)
        /// The run was cancelled meanwhile.
        case cancelled
    }

    /// Why it was not done.
    public let reason: Reason
    /// The entry that is missing or wrong.
    public let path: Path
    /// The other path where two matter, as the source of a link.
    public let other: Path?

    package init(_ reason: Reason, _ path: Path, other: Path? = nil) {
        self.reason = reason
        self.path = path
        self.other = other
    }

    /// The error number, where a system call failed.
    public var errno: Errno? {
        guard case .failed(_, let errno) = reason else { return nil }
        return errno
    }
}

extension CopyError: CustomStringConvertible {
    private var isClone: Bool {
        if case .failed(.clone, _) = reason { true } else { false }
    }

    /// One line for people, in the words of coreutils.
    public var description: String {
        let both = other.map { " \(isClone ? "from" : "to") \($0.quoted)" } ?? ""
        return switch reason {
        case .failed(.open, let errno): "cannot open \(path.quoted): \(errno.message)"
        case .failed(.openContent, let errno): "cannot open \(path.quoted) for reading: \(errno.message)"
        case .failed(let operation, let errno): "\(operation.rawValue) \(path.quoted)\(both): \(errno.message)"
        case .changed(let how): "\(path.quoted) changed while being copied: \(how); copy it again"
        case .refused(let why): why
        case .cancelled: "\(path.quoted) is left out: the run was cancelled"
        }
    }
}

extension CopyError {
    /// Whether nothing more can be written. ext4 also says ENOSPC of attributes that are too large for their
    /// block, which is about one file. Source: setxattr(2).
    var endsRun: Bool {
        switch reason {
        case .failed(.setAttributes, .noSpace), .failed(.setACL, .noSpace): false
        default: errno?.endsRun == true
        }
    }
}

/// Which side of the copy a failing call worked on.
enum Side: Sendable { case source, destination }

/// A failure before its path is known: paths are put together on the error path only.
struct Failure: Error, Equatable {
    var reason: CopyError.Reason
    var side: Side

    static func failed(_ operation: Operation, _ errno: Errno, _ side: Side) -> Failure {
        Failure(reason: .failed(operation, errno), side: side)
    }

    static func changed(_ how: String) -> Failure { Failure(reason: .changed(how), side: .source) }

    /// The source is of another kind than its directory's listing says: something is mounted on it, it was replaced, or
    /// the file system's listings are wrong.
    static let otherKind = changed("it was replaced by something of another kind")

    static func replacedDirectory(_ side: Side) -> Failure {
        Failure(reason: .changed("a directory was replaced by another"), side: side)
    }
}

extension Failure {
    /// Whether the calls for one kind of entry fail like this for an entry of another kind. Sources: open(2),
    /// readlink(2).
    var mayBeOtherKind: Bool {
        switch reason {
        case .failed(.openContent, .noSuchDevice), .failed(.openContent, .loop), .failed(.openContent, .isDirectory),
            .failed(.readLink, .invalid), .failed(.access, .notDirectory), .failed(.access, .loop):
            true
        default: self == .otherKind
        }
    }
}

/// Adds the operation to the errno of a call that fails.
@inline(__always)
func attempt<R: ~Copyable>(
    _ operation: Operation, _ side: Side, _ body: () throws(Errno) -> R
) throws(Failure) -> R {
    do throws(Errno) { return try body() } catch { throw .failed(operation, error, side) }
}
