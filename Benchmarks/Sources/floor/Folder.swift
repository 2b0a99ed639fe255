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
    /// As the kernel has it, which need not be text.
    private let name: [CChar]
    /// What the copy is called, when not like the source.
    private var newName: [CChar]?
    private var facts = stat()
    /// Readers at work and children that are still to be opened: at zero the source is closed.
    private let unopened = Atomic<Int>(1)
    /// The directory's own reading and all that is below it: at zero its times are set.
    private let unfinished = Atomic<Int>(1)

    init(_ name: UnsafePointer<CChar>, in parent: Folder?) {
        self.parent = parent
        self.name = Self.copy(of: name)
        parent?.unopened.add(1, ordering: .relaxed)
        parent?.unfinished.add(1, ordering: .relaxed)
    }

    /// Where the copy of something in here is, from where the program was started.
    func path(ofCopy name: [CChar]) -> [CChar] {
        let path = (newName ?? self.name).dropLast() + [CChar(bitPattern: UInt8(ascii: "/"))] + name
        return parent?.path(ofCopy: Array(path)) ?? Array(path)
    }

    static func copy(of name: UnsafePointer<CChar>) -> [CChar] {
        Array(UnsafeBufferPointer(start: name, count: strlen(name) + 1))
    }

    /// Opens the source and makes the destination; `newName` is what the copy is called.
    func open(as newName: [CChar]? = nil) {
        self.newName = newName
        let flags = O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW
        source = needed(openat(parent?.source ?? AT_FDCWD, name, flags), "open", name)
        needed(fstat(source, &facts), "stat", name)
        needed(Int32(Kernel.sizeOfAttributes(source)), "list the attributes of", name)
        let (place, name) = (parent?.destination ?? AT_FDCWD, newName ?? name)
        needed(mkdirat(place, name, facts.st_mode & 0o777 | 0o700), "make", name)
        destination = needed(openat(place, name, flags), "open", name)
        parent?.childIsOpen()
    }

    /// Another worker is to read on where this one stopped.
    func addReader() { unopened.add(1, ordering: .relaxed) }

    func readerIsDone() { childIsOpen() }

    private func childIsOpen() {
        guard unopened.subtract(1, ordering: .acquiringAndReleasing).newValue == 0 else { return }
        needed(close(source), "close", name)
        finish()
    }

    /// Something in here is done; with the last of it the directory itself, and so on up.
    private func finish() {
        guard unfinished.subtract(1, ordering: .acquiringAndReleasing).newValue == 0 else { return }
        if facts.st_mode & 0o700 != 0o700 { needed(fchmod(destination, facts.st_mode & 0o777), "chmod", name) }
        var times = (facts.st_atim, facts.st_mtim)
        let status = withUnsafeBytes(of: &times) { bytes in
            futimens(destination, bytes.assumingMemoryBound(to: timespec.self).baseAddress)
        }
        needed(status, "set the times of", name)
        needed(close(destination), "close", name)
        parent?.finish()
    }
}
