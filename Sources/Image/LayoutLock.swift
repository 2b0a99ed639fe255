public import SystemCalls

/// How long a run waits for another one.
public struct Patience: Sendable {
    /// Asked again and again: true ends the waiting, and the run.
    public var isCancelled: @Sendable () -> Bool
    /// Called once, after a second, with the layout that another run has locked.
    public var onWait: @Sendable (Path) -> Void

    /// It waits as long as it takes, and in silence, unless told otherwise.
    public init(
        isCancelled: @escaping @Sendable () -> Bool = { false }, onWait: @escaping @Sendable (Path) -> Void = { _ in }
    ) {
        self.isCancelled = isCancelled
        self.onWait = onWait
    }
}

/// The lock of an image layout: who changes the index holds it.
struct LayoutLock: ~Copyable {
    private static let pauseMilliseconds = 10
    private static let quietPauses = 100

    private let file: Descriptor
    private let path: Path

    init(_ folder: Directory, _ path: Path, _ patience: Patience) throws(PathError) {
        self.path = path
        var pauses = 0
        while true {
            if let file = try Self.take(in: folder, path) {
                self.file = file
                return
            }
            if patience.isCancelled() { throw PathError(path, "the run was cancelled", isCancelled: true) }
            if pauses == Self.quietPauses { patience.onWait(path) }
            pause(milliseconds: Self.pauseMilliseconds)
            pauses += 1
        }
    }

    /// Returns nil while another run has the lock. A file that has lost its name to another one meanwhile is no lock.
    /// Some file systems have no flock(2): then the index is written without one.
    private static func take(in folder: Directory, _ path: Path) throws(PathError) -> Descriptor? {
        let name = Name(ImageLayout.marker)
        do throws(Errno) {
            let file = try folder.openFile(name)
            do throws(Errno) { if try !file.tryLock() { return nil } } catch { if error.isFatal { throw error } }
            let isNamed = try file.metadata().identity == folder.metadata(of: name, following: true).identity
            guard isNamed else { return nil }
            return file
        } catch { throw .failed("cannot lock", path, error) }
    }

    consuming func unlock() throws(PathError) {
        let path = path
        do throws(Errno) { try file.close() } catch { throw .failed("cannot unlock", path, error) }
    }
}
