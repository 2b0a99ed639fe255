import Glibc

/// What becomes of a regular file.
enum Task: String {
    case copy, link, reflink
}

/// One thread's work: it reads folders and brings over what is in them, with the calls that this cannot do
/// without and no others.
struct Mover {
    /// What is read and written in one call: small files as a whole, for a buffer that stays in the processor's
    /// cache is faster, and larger ones by so much that the calls no longer count.
    private static let smallBytes = 256 << 10
    private static let pieceBytes = 1 << 20
    private static let listBytes = 4096

    private let task: Task
    private let crew: Crew
    private let links: LinkTable
    private let buffer = UnsafeMutableRawPointer.allocate(byteCount: pieceBytes, alignment: 4096)
    private let list = UnsafeMutableRawPointer.allocate(byteCount: listBytes, alignment: 8)

    init(_ task: Task, _ crew: Crew, _ links: LinkTable) {
        (self.task, self.crew, self.links) = (task, crew, links)
    }

    func work() {
        while let job = crew.next() {
            if !job.isOpen { job.folder.open() }
            read(job.folder)
            crew.settle()
        }
    }

    /// When the list came back full there is more, and whoever is idle reads on.
    private func read(_ folder: Folder) {
        while true {
            let filled = Kernel.listEntries(folder.source, list, Self.listBytes)
            needed(Int32(filled), "list", "a folder")
            if filled == 0 { break }
            let isFull = Self.listBytes - filled < 24 + 256
            if isFull {
                folder.addReader()
                crew.push(Crew.Job(folder: folder, isOpen: true))
            }
            bring(filled, folder)
            if isFull { break }
        }
        folder.readerIsDone()
    }

    private func bring(_ filled: Int, _ folder: Folder) {
        var offset = 0
        while offset < filled {
            let record = list + offset
            offset += Int(record.loadUnaligned(fromByteOffset: 16, as: UInt16.self))
            let name = (record + 19).assumingMemoryBound(to: CChar.self)
            if strcmp(name, ".") == 0 || strcmp(name, "..") == 0 { continue }
            switch Int(record.load(fromByteOffset: 18, as: UInt8.self)) {
            case Int(DT_DIR): crew.push(Crew.Job(folder: Folder(name, in: folder), isOpen: false))
            case Int(DT_LNK): bringSymlink(name, folder)
            default: bringFile(name, folder)
            }
        }
    }

    private func bringSymlink(_ name: UnsafePointer<CChar>, _ folder: Folder) {
        if task == .link {
            return _ = needed(linkat(folder.source, name, folder.destination, name, 0), "link", name)
        }
        let target = buffer.assumingMemoryBound(to: CChar.self)
        let count = readlinkat(folder.source, name, target, 4096)
        needed(Int32(count), "read the symlink", name)
        target[count] = 0
        needed(Int32(Kernel.sizeOfAttributes(name, in: folder.source)), "list the attributes of", name)
        var facts = stat()
        needed(fstatat(folder.source, name, &facts, AT_SYMLINK_NOFOLLOW), "stat", name)
        needed(symlinkat(target, folder.destination, name), "make the symlink", name)
        let times = [facts.st_atim, facts.st_mtim]
        needed(utimensat(folder.destination, name, times, AT_SYMLINK_NOFOLLOW), "set the times of", name)
    }

    private func bringFile(_ name: UnsafePointer<CChar>, _ folder: Folder) {
        if task == .link {
            return _ = needed(linkat(folder.source, name, folder.destination, name, 0), "link", name)
        }
        let source = needed(openat(folder.source, name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW), "open", name)
        var facts = stat()
        needed(fstat(source, &facts), "stat", name)
        let create = {
            let flags = O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW
            return needed(openat(folder.destination, name, flags, facts.st_mode & 0o7777), "create", name)
        }
        let copy = facts.st_nlink > 1 ? links.bring(name, to: folder, facts, create: create) : create()
        if let copy { complete(copy, from: source, facts, name) }
        needed(close(source), "close", name)
    }

    private func complete(_ copy: Int32, from source: Int32, _ facts: stat, _ name: UnsafePointer<CChar>) {
        needed(Int32(Kernel.sizeOfAttributes(source)), "list the attributes of", name)
        fill(copy, from: source, size: facts.st_size, name)
        let times = [facts.st_atim, facts.st_mtim]
        needed(futimens(copy, times), "set the times of", name)
        needed(close(copy), "close", name)
    }

    /// Never by copy_file_range(2), which is slower where it has to copy, shares extents where it need not, and
    /// ends at the border between two file systems.
    private func fill(_ copy: Int32, from source: Int32, size: Int, _ name: UnsafePointer<CChar>) {
        if task == .reflink { return _ = needed(Kernel.clone(source, to: copy), "clone", name) }
        let piece = size <= Self.smallBytes ? Self.smallBytes : Self.pieceBytes
        var left = size
        while left > 0 {
            let count = Glibc.read(source, buffer, min(left, piece))
            needed(count > 0 ? 0 : -1, "read", name)
            let written = Glibc.write(copy, buffer, count)
            needed(written == count ? 0 : -1, "write", name)
            left -= count
        }
    }
}
