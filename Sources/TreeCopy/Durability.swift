import FileTree
import Synchronization
import SystemCalls

/// The file systems that a run writes to, and the roots that wait for a name until their content is on disk.
final class Durability: Sendable {
    private struct State: Sendable {
        /// A directory on each device.
        var places: [UInt64: (directory: Directory, path: Path)] = [:]
        var roots: [RootTask] = []
    }

    private let state = Mutex(State())

    /// Notes that something is written to the file system of the directory.
    func note(_ directory: Directory, _ device: UInt64, _ path: Path) {
        state.withLock { if $0.places[device] == nil { $0.places[device] = (directory, path) } }
    }

    func wait(_ root: RootTask) { state.withLock { $0.roots.append(root) } }

    /// The roots that wait, in the order of the request.
    func takeRoots() -> [RootTask] {
        state.withLock { state in
            defer { state.roots = [] }
            return state.roots.sorted { $0.request.number < $1.request.number }
        }
    }

    /// syncfs(2) of each file system. Returns the failures.
    func sync() -> [CopyError] {
        state.withLock { $0.places }.values.compactMap { place in
            do throws(Errno) {
                try place.directory.syncFileSystem()
                return nil
            } catch { return CopyError(.failed(.sync, error), place.path) }
        }
    }
}
