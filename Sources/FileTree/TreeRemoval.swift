package import SystemCalls

/// Removes a tree that repot itself has created: no symlink is followed, no mount is entered, and read-only directories
/// get write permission first, since an ordinary user cannot empty a 0555 directory.
package struct TreeRemoval: ~Copyable {
    private struct Level {
        /// The open directory; nil while only deeper levels are processed.
        var directory: Directory?
        let identity: FileIdentity
        let name: Name
        var pending: [Name]
    }

    /// How many levels are open at a time: a tree may be deeper than a process may have files open.
    private static let openLevels = 16

    private var entries = DirectoryEntries(capacity: 32768)
    /// The mount of the tree.
    private var mount: Mount?

    package init() {}

    /// Removes the entry and all below it, also in a run that was interrupted. A missing entry counts as removed.
    ///
    /// - Throws: EBUSY for a directory on which a file system is mounted.
    package mutating func remove(_ name: Name, in parent: Directory) throws(Errno) {
        try Interrupt.whileRemoving { () throws(Errno) in try removeTree(name, in: parent) }
    }

    /// Removes all entries of a directory, which stays. It must not have been listed before.
    package mutating func removeEntries(of directory: Directory) throws(Errno) {
        try Interrupt.whileRemoving { () throws(Errno) in
            for name in try unlinkFiles(in: directory) { try removeTree(name, in: directory) }
        }
    }

    private mutating func removeTree(_ name: Name, in parent: Directory) throws(Errno) {
        mount = nil
        guard let root = try open(name, in: parent) else { return }
        var levels = [root]
        while let last = levels.indices.last {
            guard let child = levels[last].pending.popLast() else {
                try Self.leave(&levels, parent)
                continue
            }
            guard let directory = levels[last].directory, let level = try open(child, in: directory) else { continue }
            levels.append(level)
            if last >= Self.openLevels { levels[last - Self.openLevels].directory = nil }
        }
    }

    /// Goes up by `..`, which must lead to where the walk came from, and removes the directory left behind.
    private static func leave(_ levels: inout [Level], _ parent: Directory) throws(Errno) {
        let done = levels.removeLast()
        Interrupt.countRemoval()
        guard let last = levels.indices.last else { return try parent.removeDirectory(done.name) }
        if levels[last].directory == nil {
            let above = try done.directory?.openDirectory(Name(".."))
            guard let above, try above.metadata().identity == levels[last].identity else { throw .notFound }
            levels[last].directory = above
        }
        try levels[last].directory?.removeDirectory(done.name)
    }

    /// Unlinks the entry unless it is a directory; otherwise opens it and unlinks its files.
    private mutating func open(_ name: Name, in parent: Directory) throws(Errno) -> Level? {
        guard let metadata = try presence(of: name, in: parent) else { return nil }
        guard metadata.kind == .directory else {
            try parent.unlink(name)
            return nil
        }
        let here = Mount(metadata)
        guard mount == nil || mount == here else { throw .busy }
        mount = here
        let directory = try openUp(name, in: parent)
        if !metadata.mode.isSuperset(of: .ownerAll) { try directory.setMode(.ownerAll) }
        return Level(
            directory: directory, identity: metadata.identity, name: name, pending: try unlinkFiles(in: directory))
    }

    private func openUp(_ name: Name, in parent: Directory) throws(Errno) -> Directory {
        do throws(Errno) { return try parent.openDirectory(name, .noFollow) } catch {
            guard error == .accessDenied else { throw error }
            try parent.setMode(of: name, .ownerAll)
            return try parent.openDirectory(name, .noFollow)
        }
    }

    private func presence(of name: Name, in parent: Directory) throws(Errno) -> Metadata? {
        do throws(Errno) { return try parent.metadata(of: name, following: false) } catch {
            guard error == .notFound else { throw error }
            return nil
        }
    }

    /// Returns the entries that may be directories, and unlinks all others as they are read. The type in the listing is a
    /// hint only: unlink(2) fails with EISDIR for a directory that is listed as a file.
    private mutating func unlinkFiles(in directory: Directory) throws(Errno) -> [Name] {
        var directories: [Name] = []
        while try entries.read(from: directory) {
            var files: [Name] = []
            entries.forEach { entry in
                if entry.kind == .directory || entry.kind == nil {
                    directories.append(entry.name)
                } else {
                    files.append(entry.name)
                }
            }
            for file in files {
                do throws(Errno) { try directory.unlink(file) } catch {
                    guard error == .isDirectory else { throw error }
                    directories.append(file)
                }
                Interrupt.countRemoval()
            }
        }
        return directories
    }
}

/// The mount that an inode was reached through; its device where the kernel does not number mounts.
private struct Mount: Equatable {
    private let number: UInt64
    private let device: UInt64

    init(_ metadata: Metadata) {
        number = metadata.mount
        // A subvolume of btrfs has a device of its own.
        device = metadata.mount == 0 ? metadata.identity.device : 0
    }
}
