import Glibc

/// What becomes of a regular file.
enum Task: String {
    case copy, link, reflink
}

/// One thread's work: it reads folders and brings over what is in them, with the calls that this cannot do
/// without and no others.
struct Mover {
    /// What repot reads and writes in one call, and lists in one.
    private static let bufferBytes = 256 << 10
    private static let listBytes = 4096

    private let task: Task
    private let crew: Crew
    private let buffer = UnsafeMutableRawPointer.allocate(byteCount: bufferBytes + 4096, alignment: 4096)
    private let list = UnsafeMutableRawPointer.allocate(byteCount: listBytes, alignment: 8)

    init(_ task: Task, _ crew: Crew) {
        self.task = task
        self.crew = crew
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
        needed(Int32(Kernel.sizeOfAttributes(source)), "list the attributes of", name)
        let flags = O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW
        let copy = needed(openat(folder.destination, name, flags, facts.st_mode & 0o7777), "create", name)
        fill(copy, from: source, size: facts.st_size, name)
        let times = [facts.st_atim, facts.st_mtim]
        needed(futimens(copy, times), "set the times of", name)
        close(copy)
        close(source)
    }

    private func fill(_ copy: Int32, from source: Int32, size: Int, _ name: UnsafePointer<CChar>) {
        if task == .reflink { return _ = needed(Kernel.clone(source, to: copy), "clone", name) }
        if size > Self.bufferBytes {
            var left = size
            while left > 0 {
                let count = Kernel.copyRange(source, copy, left)
                needed(count > 0 ? 0 : -1, "copy", name)
                left -= count
            }
            return
        }
        let count = Glibc.read(source, buffer, Self.bufferBytes)
        needed(Int32(count), "read", name)
        if count > 0 { needed(Int32(Glibc.write(copy, buffer, count)), "write", name) }
    }
}
