public import SystemCalls

/// Where an archive goes.
public enum ArchiveOutput: Sendable, Hashable {
    /// A file, which appears under its name when the archive is complete.
    case file(Path)
    /// Standard output.
    case standardOutput

    var path: Path {
        switch self {
        case .file(let path): path
        case .standardOutput: "standard output"
        }
    }
}

/// The file that is written, for the code that reads members.
struct ArchiveTarget {
    /// Its name in errors.
    let path: Path
    /// Files that are not to be in the archive: itself, and the one that it replaces.
    var identities: Set<FileIdentity> = []
}

/// An output that is open.
enum OpenOutput: ~Copyable {
    /// A descriptor of the caller's, a FIFO or a device: it is written as it is.
    case stream(Descriptor)
    /// A file with a name.
    case file(UnpublishedFile)
}

extension ArchiveOutput {
    /// The kind of place that the path leads to.
    enum Destination {
        /// An open descriptor of this process.
        case descriptor(Int32)
        /// An entry that cannot be replaced: a FIFO, a device, or an open file of another process.
        case existing(Path)
        /// A regular file or nothing, where all symlinks have been followed.
        case file(Path)
    }

    /// Whether it is written as it is, to a file, pipe or device of the caller's, so that nothing can be removed again.
    package var isStream: Bool {
        guard let destination = try? destination() else { return false }
        if case .file = destination { return false }
        return true
    }

    /// Whether it is the program's standard output.
    package var isStandardOutput: Bool {
        if case .descriptor(1) = try? destination() { return true }
        return false
    }

    /// The path of the file in the end; nil for a stream.
    package func filePath() throws(ArchiveError) -> Path? {
        guard case .file(let path) = try destination() else { return nil }
        return path
    }

    /// Follows the path. A symlink stays, and the file that it leads to is replaced; the symlinks of procfs do not lead
    /// to a path but to an open file. Source: proc(5), '/proc/PID/fd'.
    func destination() throws(ArchiveError) -> Destination {
        guard case .file(var path) = self else { return .descriptor(1) }
        // As many as the kernel follows. Source: path_resolution(7).
        for _ in 0..<40 {
            if let number = Self.descriptor(path) { return .descriptor(number) }
            let metadata = try? Directory.current.metadata(of: Name(path), following: false)
            guard let metadata, metadata.kind != .regular else { return .file(path) }
            try refusePlanted(metadata, path)
            if metadata.kind != .symlink || Self.isInProcfs(path) { return .existing(path) }
            let (link, name) = (path, Name(path))
            let target = try attempt(.readLink, link) { () throws(Errno) in
                Path(try Directory.current.readLink(name).bytes)
            }
            path = target.isAbsolute ? target : path.parent.appending(target)
        }
        throw ArchiveError(.open, .loop, path)
    }

    /// Refuses a symlink or FIFO that another user may have planted: the kernel would not follow or open it either.
    /// Source: proc(5), 'protected_symlinks' and 'protected_fifos'.
    private func refusePlanted(_ metadata: Metadata, _ path: Path) throws(ArchiveError) {
        guard metadata.kind == .symlink || metadata.kind == .fifo,
            let directory = try? Directory.current.metadata(of: Name(path.parent), following: true),
            metadata.isForeign(in: directory)
        else { return }
        throw ArchiveError(.open, .accessDenied, path)
    }

    /// The number of the descriptor that a path stands for: opening it would give another offset.
    private static func descriptor(_ path: Path) -> Int32? {
        switch path {
        case "-", "/dev/stdout": return 1
        case "/dev/stderr": return 2
        default: break
        }
        for directory: Path in ["/dev/fd", "/proc/self/fd"] where path.parent == directory {
            return Int32(path.lastComponent.description)
        }
        return nil
    }

    private static func isInProcfs(_ path: Path) -> Bool {
        let type = try? Directory.current.openDirectory(Name(path.parent)).fileSystemType()
        // PROC_SUPER_MAGIC. Source: statfs(2).
        return type == 0x9fa0
    }

    /// Throws an error if `--sync` cannot wait until the output is on disk: if it is a pipe or a terminal.
    package func requireSyncable() throws(ArchiveError) {
        switch try destination() {
        case .descriptor(let number):
            let file = try attempt(.open, path) { () throws(Errno) in try Console.duplicate(number) }
            try requireSyncable(try attempt(.inspect, path) { () throws(Errno) in try file.metadata() })
        case .existing(let path):
            let name = Name(path)
            try requireSyncable(
                try attempt(.inspect, path) { () throws(Errno) in
                    try Directory.current.metadata(of: name, following: true)
                })
        case .file: break
        }
    }

    private func requireSyncable(_ metadata: Metadata) throws(ArchiveError) {
        if metadata.kind == .regular || metadata.kind == .blockDevice { return }
        throw .refused(
            path,
            "\(path.quoted) is not a file, so --sync cannot wait until the output is on disk; name a file, or leave out "
                + "--sync")
    }

    /// Waits until an open file and its name are on disk, or the content of a device.
    func sync(_ file: borrowing Descriptor) throws(ArchiveError) {
        do throws(Errno) {
            if try file.metadata().kind == .regular { try file.syncFileSystem() } else { try file.sync() }
        } catch { throw ArchiveError(.sync, error, path) }
    }

    /// Opens the output for writing. A FIFO is waited for until it has a reader.
    func open(syncs: Bool) throws(ArchiveError) -> OpenOutput {
        if syncs { try requireSyncable() }
        switch try destination() {
        case .descriptor(let number):
            return .stream(try attempt(.open, path) { () throws(Errno) in try Console.duplicate(number) })
        case .existing(let path):
            let file = try attempt(.open, path) { () throws(Errno) in try Directory.current.openStream(Name(path)) }
            try attempt(.open, path) { () throws(Errno) in
                if try file.metadata().kind == .regular { try file.truncate(to: 0) }
            }
            return .stream(file)
        case .file(let path): return .file(try UnpublishedFile.make(path, syncs: syncs))
        }
    }
}
