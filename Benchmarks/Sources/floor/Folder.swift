import Glibc
import Synchronization

/// A directory on its way: open on both sides from its first entry to its last.
///
/// What varies is written by the worker that opens it before any other learns of it, so that the crew's lock
/// orders it; only the counters are shared.
final class Folder: @unchecked Sendable {
    let parent: Folder?
    private(set) var source: Int32 = -1
    private(set) var destination: Int32 = -1
    private var name: UnsafeMutablePointer<CChar>?
    private var facts = stat()
    /// Readers at work and children that are still to be opened: at zero the source is closed.
    private let unopened = Atomic<Int>(1)
    /// The directory's own reading and all that is below it: at zero its times are set.
    private let unfinished = Atomic<Int>(1)

    init(_ name: UnsafePointer<CChar>, in parent: Folder?) {
        self.parent = parent
        self.name = strdup(name)
        parent?.unopened.add(1, ordering: .relaxed)
        parent?.unfinished.add(1, ordering: .relaxed)
    }

    /// Opens the source and makes the destination; `newName` is what the copy is called.
    func open(as newName: UnsafePointer<CChar>? = nil) {
        guard let name else { return }
        let flags = O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW
        source = needed(openat(parent?.source ?? AT_FDCWD, name, flags), "open", name)
        needed(fstat(source, &facts), "stat", name)
        needed(Int32(Kernel.sizeOfAttributes(source)), "list the attributes of", name)
        let place = parent?.destination ?? AT_FDCWD
        needed(mkdirat(place, newName ?? UnsafePointer(name), facts.st_mode & 0o777 | 0o700), "make", name)
        destination = needed(openat(place, newName ?? UnsafePointer(name), flags), "open", name)
        free(name)
        self.name = nil
        parent?.childIsOpen()
    }

    /// Another worker is to read on where this one stopped.
    func addReader() { unopened.add(1, ordering: .relaxed) }

    func readerIsDone() { childIsOpen() }

    private func childIsOpen() {
        guard unopened.subtract(1, ordering: .acquiringAndReleasing).newValue == 0 else { return }
        close(source)
        finish()
    }

    /// Something in here is done; with the last of it the directory itself, and so on up.
    private func finish() {
        guard unfinished.subtract(1, ordering: .acquiringAndReleasing).newValue == 0 else { return }
        if facts.st_mode & 0o700 != 0o700 { needed(fchmod(destination, facts.st_mode & 0o777), "chmod", "a folder") }
        var times = (facts.st_atim, facts.st_mtim)
        let status = withUnsafeBytes(of: &times) { bytes in
            futimens(destination, bytes.assumingMemoryBound(to: timespec.self).baseAddress)
        }
        needed(status, "set the times of", "a folder")
        close(destination)
        parent?.finish()
    }
}
