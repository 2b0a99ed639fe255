public import SystemCalls
package import Tar

/// Why an image could not be read or written: one shape for the library.
public struct ImageError: Error, Hashable, Sendable, CustomStringConvertible {
    /// A whole sentence, with the remedy.
    public let description: String
    /// What it is about.
    public let path: Path
    /// The error number, where a system call failed.
    public let errno: Errno?
    /// It was asked to stop.
    public let isCancelled: Bool

    package init(_ path: Path, _ description: String, _ errno: Errno? = nil, isCancelled: Bool = false) {
        self.path = path
        self.description = description
        self.errno = errno
        self.isCancelled = isCancelled
    }

    static func failed(_ doing: String, _ path: Path, _ errno: Errno) -> ImageError {
        ImageError(path, "\(doing) \(path.quoted): \(errno.message)", errno)
    }

    static func malformed(_ path: Path, _ what: String) -> ImageError {
        ImageError(path, "\(path.quoted) is no valid image: \(what)")
    }

    package init(_ error: ArchiveError) {
        self.init(error.path, error.description, error.errno, isCancelled: error.reason == .cancelled)
    }
}
