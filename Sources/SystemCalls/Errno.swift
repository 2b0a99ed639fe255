import CLinux
import Glibc

/// An error number of the C library, open to values that have no name here. Source: errno(3).
public struct Errno: Error, RawRepresentable, Hashable, Sendable {
    /// The number, positive.
    public let rawValue: Int32

    /// Wraps a number as errno(3) lists them.
    public init(rawValue: Int32) { self.rawValue = rawValue }

    /// The C library's sentence for the number, such as `Permission denied`.
    public var message: String { String(cString: strerror(rawValue)) }

    /// The symbol, such as `EACCES`; the bare number where there is none.
    public var name: String {
        guard let symbol = clinux_errno_name(rawValue) else { return "errno \(rawValue)" }
        return String(cString: symbol)
    }
}

extension Errno {
    package static let notPermitted = Errno(rawValue: EPERM)
    package static let notFound = Errno(rawValue: ENOENT)
    package static let interrupted = Errno(rawValue: EINTR)
    package static let inputOutput = Errno(rawValue: EIO)
    package static let badDescriptor = Errno(rawValue: EBADF)
    package static let accessDenied = Errno(rawValue: EACCES)
    package static let exists = Errno(rawValue: EEXIST)
    package static let crossesMount = Errno(rawValue: EXDEV)
    package static let notDirectory = Errno(rawValue: ENOTDIR)
    package static let nameTooLong = Errno(rawValue: ENAMETOOLONG)
    package static let isDirectory = Errno(rawValue: EISDIR)
    package static let invalid = Errno(rawValue: EINVAL)
    package static let tooManyOpen = Errno(rawValue: EMFILE)
    package static let notTerminal = Errno(rawValue: ENOTTY)
    package static let textBusy = Errno(rawValue: ETXTBSY)
    package static let noSpace = Errno(rawValue: ENOSPC)
    package static let readOnly = Errno(rawValue: EROFS)
    package static let tooManyLinks = Errno(rawValue: EMLINK)
    package static let brokenPipe = Errno(rawValue: EPIPE)
    package static let range = Errno(rawValue: ERANGE)
    package static let notImplemented = Errno(rawValue: ENOSYS)
    package static let notEmpty = Errno(rawValue: ENOTEMPTY)
    package static let loop = Errno(rawValue: ELOOP)
    package static let noData = Errno(rawValue: ENODATA)
    package static let notSupported = Errno(rawValue: EOPNOTSUPP)
    package static let quotaExceeded = Errno(rawValue: EDQUOT)
    package static let noSuchDevice = Errno(rawValue: ENXIO)
    package static let wouldBlock = Errno(rawValue: EWOULDBLOCK)
    package static let busy = Errno(rawValue: EBUSY)
    package static let noMemory = Errno(rawValue: ENOMEM)
    package static let tooBig = Errno(rawValue: EFBIG)
    package static let staleHandle = Errno(rawValue: ESTALE)
    package static let overflow = Errno(rawValue: EOVERFLOW)

    /// Whether the error stays when another system call does the same work: the medium, the space or the memory is at
    /// fault. After any other refusal of an optional call, such as FICLONE, the plain way can still succeed.
    package var isFatal: Bool {
        [.inputOutput, .noSpace, .quotaExceeded, .readOnly, .noMemory, .staleHandle].contains(self)
    }
}
