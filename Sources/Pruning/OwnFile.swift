package import SystemCalls

/// A file by which a root file system tells something about itself.
package struct OwnFile {
    package enum State { case absent, present, other }

    private let path: Path

    package init(path: Path) { self.path = path }

    /// What has its name. A symlink would be followed out of the root file system, and a FIFO be waited for.
    package func state() throws(Errno) -> State {
        do throws(Errno) {
            let kind = try Directory.current.metadata(of: Name(path), following: false).kind
            return kind == .regular ? .present : .other
        } catch {
            guard error == .notFound else { throw error }
            return .absent
        }
    }
}
