import FileTree
import Synchronization
import SystemCalls

/// The file systems that a run writes to, for a run that ends when everything is on disk.
final class Durability: Sendable {
    /// A directory on each device.
    private let fileSystems = Mutex<[UInt64: (directory: Directory, path: Path)]>([:])

    /// Adds the file system of a directory that is written to.
    func add(_ directory: Directory, _ device: UInt64, _ path: Path) {
        fileSystems.withLock { if $0[device] == nil { $0[device] = (directory, path) } }
    }

    /// Whether `sync` reaches the device.
    func covers(_ device: UInt64) -> Bool { fileSystems.withLock { $0[device] != nil } }

    /// Calls syncfs(2) for each file system. Returns the failures.
    func sync() -> [CopyError] {
        fileSystems.withLock { $0 }.values.compactMap { fileSystem in
            do throws(Errno) {
                try fileSystem.directory.syncFileSystem()
                return nil
            } catch { return CopyError(.failed(.sync, error), fileSystem.path) }
        }
    }
}
