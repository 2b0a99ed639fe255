package import SystemCalls
package import Tar

/// Why an image could not be read or written.
extension PathError {
    static func malformed(_ path: Path, _ what: String) -> PathError {
        PathError(path, "\(path.quoted) is no valid image: \(what)")
    }

    package init(_ error: ArchiveError) {
        self.init(error.path, error.description, error.errno, isCancelled: error.reason == .cancelled)
    }
}
