import FileTree
import Synchronization
import SystemCalls

/// The file systems that a run writes to, and the roots that wait for a name until their content is on disk.
final class Durability: Sendable {
    private struct State: Sendable {
        /// A directory on each device.
        var fileSystems: [UInt64: (directory: Directory, path: Path)] = [:]
        var roots: [RootTask] = []
    }

    private let state = Mutex(State())

    /// Adds the file system of a directory that is written to.
    func add(_ directory: Directory, _ device: UInt64, _ path: Path) {
        state.withLock { if $0.fileSystems[device] == nil { $0.fileSystems[device] = (directory, path) } }
    }

    /// Adds a root that waits for its name.
    func postpone(_ root: RootTask) { state.withLock { $0.roots.append(root) } }

    /// Removes and returns the roots that wait, in the order of the request.
    func removeRoots() -> [RootTask] {
        state.withLock { state in
            defer { state.roots = [] }
            return state.roots.sorted { $0.request.number < $1.request.number }
        }
    }

    /// Calls syncfs(2) for each file system. Returns the failures.
    func sync() -> [CopyError] {
        state.withLock { $0.fileSystems }.values.compactMap { fileSystem in
            do throws(Errno) {
                try fileSystem.directory.syncFileSystem()
                return nil
            } catch { return CopyError(.failed(.sync, error), fileSystem.path) }
        }
    }
}
