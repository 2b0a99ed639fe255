import CLinux
import Glibc

/// An open directory, shared by the workers that create its entries and closed with the last of them.
///
/// Every call is relative to the descriptor, so a renamed or swapped path cannot redirect it.
package final class Directory: Sendable, OpenFile {
    package let raw: Int32

    private init(raw: Int32) { self.raw = raw }

    deinit { if raw >= 0 { _ = Glibc.close(raw) } }

    /// The working directory, for operands as the user wrote them.
    package static let current = Directory(raw: AT_FDCWD)

    /// openat(2) of a directory.
    package func openDirectory(_ name: Name, _ options: OpenOptions = .none) throws(Errno) -> Directory {
        let flags = O_RDONLY | O_DIRECTORY | O_CLOEXEC | options.rawValue
        return Directory(raw: Int32(try invoke(.open) { Int(clinux_openat(raw, name.cString, flags, 0)) }))
    }

    /// openat(2) for reading. Unless `waiting`, with O_NONBLOCK: opening a FIFO that replaced the file must not block.
    ///
    /// A regular file under a write lease is waited for all the same, until its holder or the kernel ends the lease.
    /// Source: fcntl(2), 'Leases'.
    package func openFile(_ name: Name, _ options: OpenOptions = .none, waiting: Bool = false) throws(Errno)
        -> Descriptor
    {
        let flags = O_RDONLY | O_NOCTTY | O_CLOEXEC | options.rawValue
        do throws(Errno) {
            return try open(name, waiting ? flags : flags | O_NONBLOCK)
        } catch {
            guard error == .wouldBlock, try isRegular(name, options) else { throw error }
            return try open(name, flags)
        }
    }

    private func open(_ name: Name, _ flags: Int32) throws(Errno) -> Descriptor {
        Descriptor(raw: Int32(try invoke(.open) { Int(clinux_openat(raw, name.cString, flags, 0)) }))
    }

    private func isRegular(_ name: Name, _ options: OpenOptions) throws(Errno) -> Bool {
        try metadata(of: name, following: !options.contains(.noFollow)).kind == .regular
    }

    /// openat(2) with O_CREAT and O_EXCL: fails with EEXIST whatever is there, a symlink too.
    package func createFile(_ name: Name, _ mode: FileMode) throws(Errno) -> Descriptor {
        let flags = O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC
        return Descriptor(
            raw: Int32(try invoke(.open) { Int(clinux_openat(raw, name.cString, flags, mode.rawValue)) }))
    }

    /// openat(2) of an existing file for writing; its content stays until it is truncated. With `waiting`, the call
    /// blocks until a FIFO has a reader and a leased file is released; otherwise it fails with ENXIO or EWOULDBLOCK.
    package func openForWriting(
        _ name: Name, _ options: OpenOptions, waiting: Bool = false
    ) throws(Errno) -> Descriptor {
        let flags = O_WRONLY | O_NOCTTY | O_CLOEXEC | options.rawValue
        return try open(name, waiting ? flags : flags | O_NONBLOCK)
    }

    /// mkdirat(2).
    package func makeDirectory(_ name: Name, _ mode: FileMode) throws(Errno) {
        try invoke(.makeDirectory) { mkdirat(raw, name.cString, mode.rawValue) }
    }

    /// mknodat(2).
    package func makeNode(
        _ name: Name, _ kind: FileKind, _ mode: FileMode, _ device: DeviceNumber
    ) throws(Errno) {
        try invoke(.makeNode) {
            clinux_mknod(raw, name.cString, kind.modeBits | mode.rawValue, device.major, device.minor)
        }
    }

    /// linkat(2); a symlink is linked itself unless `following`.
    package func link(
        _ name: Name, from source: Directory, _ sourceName: Name, following: Bool = false
    ) throws(Errno) {
        let flags = following ? AT_SYMLINK_FOLLOW : 0
        try invoke(.link) { linkat(source.raw, sourceName.cString, raw, name.cString, flags) }
    }

    /// symlinkat(2).
    package func symlink(_ name: Name, to target: Name) throws(Errno) {
        try invoke(.symlink) { symlinkat(target.cString, raw, name.cString) }
    }

    /// readlinkat(2), whatever the length of the target.
    package func readLink(_ name: Name) throws(Errno) -> Name {
        var capacity = 4096
        while true {
            var target: Name?
            try withUnsafeTemporaryAllocation(of: CChar.self, capacity: capacity + 1) { buffer throws(Errno) in
                guard let start = buffer.baseAddress else { return }
                let count = try invoke(.readLink) { readlinkat(raw, name.cString, start, capacity) }
                guard count < capacity else { return }
                start[count] = 0
                target = Name(start, count: count)
            }
            if let target { return target }
            capacity *= 4
        }
    }

    /// unlinkat(2) of anything but a directory.
    package func unlink(_ name: Name) throws(Errno) {
        try invoke(.unlink) { unlinkat(raw, name.cString, 0) }
    }

    /// unlinkat(2) with AT_REMOVEDIR.
    package func removeDirectory(_ name: Name) throws(Errno) {
        try invoke(.unlink) { unlinkat(raw, name.cString, AT_REMOVEDIR) }
    }

    /// renameat2(2) with RENAME_NOREPLACE, into another directory where one is given: EEXIST when the new name is
    /// taken.
    package func rename(_ name: Name, toNew newName: Name, in other: Directory? = nil) throws(Errno) {
        let target = other?.raw ?? raw
        try invoke(.rename) { clinux_rename_new(raw, name.cString, target, newName.cString) }
    }

    /// renameat(2), which replaces.
    package func rename(_ name: Name, over newName: Name, in other: Directory? = nil) throws(Errno) {
        let target = other?.raw ?? raw
        try invoke(.rename) { renameat(raw, name.cString, target, newName.cString) }
    }

    /// renameat2(2) with RENAME_EXCHANGE: both names stay, each for what the other one was, and at no moment is one
    /// missing.
    package func exchange(_ name: Name, with other: Name) throws(Errno) {
        try invoke(.rename) { clinux_exchange(raw, name.cString, raw, other.cString) }
    }

    /// openat(2) for writing, made where it is not there, also where a symlink says; O_EXCL would not follow it.
    package func openOrCreate(_ name: Name, _ mode: FileMode) throws(Errno) -> Descriptor {
        let flags = O_WRONLY | O_CREAT | O_NOCTTY | O_CLOEXEC
        return Descriptor(
            raw: Int32(try invoke(.open) { Int(clinux_openat(raw, name.cString, flags, mode.rawValue)) }))
    }

    /// faccessat(2) with the effective owner: whether this process may write to the file.
    package func mayWrite(_ name: Name) -> Bool { faccessat(raw, name.cString, W_OK, AT_EACCESS) == 0 }

    /// Where a path leads, however long it is: the directory that holds the last part, and that part. The kernel takes
    /// 4,095 bytes at a time. Source: path_resolution(7).
    package func reach(_ path: Path) throws(Errno) -> (Directory, Name) {
        var directory = self
        var rest = path.bytes[...]
        while rest.count > 4095, let slash = rest.prefix(4095).lastIndex(of: Path.slash) {
            directory = try directory.openDirectory(Name(slash == 0 ? [Path.slash] : rest[..<slash]))
            rest = rest[(slash + 1)...]
        }
        return (directory, Name(rest))
    }

    /// statx(2) by name; a symlink is followed only when asked.
    package func metadata(of name: Name, following: Bool) throws(Errno) -> Metadata {
        var out = clinux_statx()
        let flags = following ? 0 : AT_SYMLINK_NOFOLLOW
        try invoke(.statx) { clinux_statx(raw, name.cString, flags, &out) }
        return try Metadata(out)
    }

    /// fchownat(2) without following; nil leaves that number as it is.
    package func setOwner(of name: Name, user: UInt32?, group: UInt32?) throws(Errno) {
        try invoke(.setOwner) {
            fchownat(raw, name.cString, user ?? .max, group ?? .max, AT_SYMLINK_NOFOLLOW)
        }
    }

    /// fchmodat2(2) without following, for entries that cannot be opened.
    package func setMode(of name: Name, _ mode: FileMode) throws(Errno) {
        try invoke(.setMode) { clinux_set_mode(raw, name.cString, mode.rawValue) }
    }

    /// utimensat(2) without following.
    package func setTimes(of name: Name, accessed: Timestamp, modified: Timestamp) throws(Errno) {
        let times = [accessed.timespec, modified.timespec]
        try invoke(.setTimes) { utimensat(raw, name.cString, times, AT_SYMLINK_NOFOLLOW) }
    }

    /// Gives an entry a new time of status change, by setting the times that it has. An overlay would copy an entry of a
    /// lower layer for that, so there the time stays.
    package func renewStatusChange(of name: Name, _ metadata: Metadata) throws(Errno) {
        // OVERLAYFS_SUPER_MAGIC. Source: linux/magic.h.
        if try fileSystemType() == 0x794c_7630 { return }
        try setTimes(of: name, accessed: metadata.accessed, modified: metadata.modified)
    }

    /// Whether an overlay keeps the file in its upper layer; nil when the kernel does not tell.
    package func isInUpperLayer(_ name: Name) -> Bool? {
        do {
            let answer = try invoke(.overlayHandle) { Int(clinux_overlay_upper(raw, name.cString)) }
            return answer == 1
        } catch { return nil }
    }
}

/// How an existing entry is opened. Source: open(2).
package struct OpenOptions: OptionSet, Sendable {
    package let rawValue: Int32
    package init(rawValue: Int32) { self.rawValue = rawValue }

    /// No options. An empty literal would make the program look up a protocol conformance at run time.
    package static var none: OpenOptions { OpenOptions(rawValue: 0) }
    /// Fail with ELOOP on a symlink.
    package static let noFollow = OpenOptions(rawValue: O_NOFOLLOW)
    /// A place only: enough to make entries in a directory that may not be listed.
    package static let placeOnly = OpenOptions(rawValue: 0o10000000)
    /// Leave the access time alone; only the owner and CAP_FOWNER may ask for it.
    package static let noAccessTime = OpenOptions(rawValue: 0o1000000)
}
