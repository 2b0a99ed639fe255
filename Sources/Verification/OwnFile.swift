import SystemCalls

/// A file by which a root file system tells something about itself.
struct OwnFile {
    enum State { case absent, present, other }

    let path: Path

    /// What has its name. A symlink would be followed out of the root file system, and a FIFO be waited for.
    func state() throws(Errno) -> State {
        do throws(Errno) {
            let kind = try Directory.current.metadata(of: Name(path), following: false).kind
            return kind == .regular ? .present : .other
        } catch {
            guard error == .notFound else { throw error }
            return .absent
        }
    }
}
