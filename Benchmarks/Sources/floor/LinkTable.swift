import Glibc

/// The copies of files that have further names, so that those become names of the copy.
final class LinkTable: @unchecked Sendable {
    private struct Inode: Hashable {
        let device: dev_t
        let number: ino_t
    }

    private var first: [Inode: (folder: Folder, name: [CChar])] = [:]
    private var lock = pthread_mutex_t()

    init() { pthread_mutex_init(&lock, nil) }

    /// Runs `create` for the first name, before any other thread can learn of it, and makes a link for every
    /// other: nil then, for there is nothing left to do.
    func bring(
        _ name: UnsafePointer<CChar>, to folder: Folder, _ facts: stat, create: () -> Int32
    ) -> Int32? {
        let inode = Inode(device: facts.st_dev, number: facts.st_ino)
        pthread_mutex_lock(&lock)
        guard let known = first[inode] else {
            defer { pthread_mutex_unlock(&lock) }
            first[inode] = (folder, Folder.copy(of: name))
            return create()
        }
        pthread_mutex_unlock(&lock)
        // By path, for the folder may be done and closed.
        let path = known.folder.path(ofCopy: known.name)
        needed(linkat(AT_FDCWD, path, folder.destination, name, 0), "link", name)
        return nil
    }
}
