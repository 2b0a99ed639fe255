import CLinux
import Glibc

/// An entry as a directory lists it.
package struct DirectoryEntry: Sendable {
    package let name: Name
    /// nil where the file system does not say.
    package let kind: FileKind?
    /// As the directory has it; where an overlay or a mount covers it, that of what is below.
    package let inode: UInt64

    package init(name: Name, kind: FileKind?, inode: UInt64 = 0) {
        self.name = name
        self.kind = kind
        self.inode = inode
    }
}

/// The entries that one getdents64(2) call returned, in a buffer that its owner reuses.
///
/// Calls on one descriptor from several threads each get the next part: the kernel serialises them by
/// the file's position lock, so a large directory can be shared out without a lock of our own.
package struct DirectoryEntries: ~Copyable {
    private let buffer: UnsafeMutableRawBufferPointer
    private var filled = 0

    /// A buffer of that many bytes; an entry takes 24 bytes and its name.
    package init(capacity: Int) {
        buffer = .allocate(byteCount: capacity, alignment: 8)
    }

    deinit { buffer.deallocate() }

    /// Reads the next part; false at the end of the directory.
    package mutating func read(from directory: Directory) throws(Errno) -> Bool {
        filled = try invoke(.getdents) { clinux_getdents(directory.raw, buffer.baseAddress, buffer.count) }
        return filled > 0
    }

    /// Whether the kernel stopped for want of room, so that more entries are certain to follow.
    package var isFull: Bool { buffer.count - filled < 24 + 256 }

    /// Calls `body` for each entry but `.` and `..`.
    package func forEach(_ body: (DirectoryEntry) -> Void) {
        guard let start = buffer.baseAddress else { return }
        var offset = 0
        while offset < filled {
            let record = start + offset
            let name = (record + 19).assumingMemoryBound(to: CChar.self)
            offset += Int(record.loadUnaligned(fromByteOffset: 16, as: UInt16.self))
            if Self.isDotOrDotDot(name) { continue }
            let type = record.load(fromByteOffset: 18, as: UInt8.self)
            let inode = record.loadUnaligned(as: UInt64.self)
            body(DirectoryEntry(name: Name(name, count: strlen(name)), kind: FileKind(entryType: type), inode: inode))
        }
    }

    /// Puts what was read in the place of what is in `batch`, folders first; true when some of it leads, or may lead,
    /// further down.
    ///
    /// - Parameter following: symlinks to folders count as folders.
    package func sort(into batch: inout [DirectoryEntry], following: Bool) -> Bool {
        batch.removeAll(keepingCapacity: true)
        forEach { if $0.kind == .directory { batch.append($0) } }
        var leadsDown = !batch.isEmpty
        forEach { entry in
            if entry.kind == .directory { return }
            if entry.kind == nil || (following && entry.kind == .symlink) { leadsDown = true }
            batch.append(entry)
        }
        return leadsDown
    }

    private static func isDotOrDotDot(_ name: UnsafePointer<CChar>) -> Bool {
        let dot = CChar(bitPattern: UInt8(ascii: "."))
        guard name[0] == dot else { return false }
        return name[1] == 0 || (name[1] == dot && name[2] == 0)
    }
}
