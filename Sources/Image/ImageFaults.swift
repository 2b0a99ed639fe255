package import SystemCalls
package import Tar

/// The largest document of an image that is read: an index, a manifest or a configuration.
package let maxDocumentSize = 16 << 20

/// Why an image could not be read or written.
extension PathError {
    static func malformed(_ path: Path, _ what: String) -> PathError {
        PathError(path, "\(path.quoted) is no valid image: \(what)")
    }

    package init(_ error: ArchiveError) {
        self.init(error.path, error.description, error.errno, isCancelled: error.reason == .cancelled)
    }
}
