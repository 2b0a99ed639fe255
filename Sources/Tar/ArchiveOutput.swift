public import SystemCalls

/// Where an archive goes.
public enum ArchiveOutput: Sendable, Hashable {
    /// A file, which appears under its name when the archive is whole.
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

/// What is written, for those who write it.
struct ArchiveTarget {
    /// Its name in errors.
    let path: Path
    /// Files that are not to be in the archive: itself, and the one whose place it takes.
    var identities: Set<FileIdentity> = []
}

extension ArchiveOutput {
    /// Whether it is written as it is, to somebody else's file, pipe or device, so that there is nothing to take back.
    package var isStream: Bool {
        guard case .file(let path) = self, !Self.isStandardOutput(path) else { return true }
        return Self.isSpecial(path)
    }

    /// Where the file will be that has its name in the end; nil for a stream.
    package func filePath() throws(ArchiveError) -> Path? {
        guard case .file(let path) = self, !isStream else { return nil }
        return try Self.target(of: path)
    }

    /// What is no regular file, a FIFO or a device.
    static func isSpecial(_ path: Path) -> Bool {
        guard let metadata = try? Directory.current.metadata(of: Name(path), following: true) else { return false }
        return metadata.kind != .regular
    }

    /// Names that stand for standard output: they must not be replaced.
    static func isStandardOutput(_ path: Path) -> Bool {
        ["-", "/dev/stdout", "/dev/fd/1", "/proc/self/fd/1"].contains(path)
    }

    /// Where symlinks lead: a file is replaced there, and the symlink stays.
    static func target(of path: Path) throws(ArchiveError) -> Path {
        var path = path
        // As many as the kernel follows. Source: path_resolution(7).
        for _ in 0..<40 {
            guard (try? Directory.current.metadata(of: Name(path), following: false))?.kind == .symlink else {
                return path
            }
            let (link, name) = (path, Name(path))
            let target = try attempt(.readLink, link) { () throws(Errno) in
                Path(try Directory.current.readLink(name).bytes)
            }
            path = target.isAbsolute ? target : path.parent.appending(target)
        }
        throw ArchiveError(.open, .loop, path)
    }
}

/// A file that has no name until it is whole: a run that ends early leaves nothing behind.
struct UnpublishedFile: ~Copyable {
    private static let mode = FileMode(rawValue: 0o666)

    private let path: Path
    private let directory: Directory
    /// Where the file system has no files without a name, a temporary one beside the final one.
    private let temporary: Name?
    private let file: Descriptor

    private init(_ path: Path, _ directory: Directory, _ temporary: Name?, _ file: consuming Descriptor) {
        self.path = path
        self.directory = directory
        self.temporary = temporary
        self.file = file
    }

    /// One that takes the place of another gets its mode.
    static func make(_ path: Path) throws(ArchiveError) -> UnpublishedFile {
        let present = try? Directory.current.metadata(of: Name(path), following: false)
        let made = try makeAnew(path, present?.mode ?? mode)
        guard let present else { return made }
        do throws(Errno) { try made.file.setMode(present.mode) } catch {
            made.discard()
            throw ArchiveError(.create, error, path)
        }
        return made
    }

    private static func makeAnew(_ path: Path, _ mode: FileMode) throws(ArchiveError) -> UnpublishedFile {
        let directory = try attempt(.open, path.parent) { () throws(Errno) in
            try Directory.current.openDirectory(Name(path.parent), [])
        }
        if let file = try unnamed(in: directory, path, mode) { return UnpublishedFile(path, directory, nil, file) }
        let name = Name.temporary()
        let file = try attempt(.create, path) { () throws(Errno) in try directory.createFile(name, mode) }
        return UnpublishedFile(path, directory, name, file)
    }

    /// nil where the file system has none, or they could not get a name later, which goes by way of /proc.
    private static func unnamed(
        in directory: Directory, _ path: Path, _ mode: FileMode
    ) throws(ArchiveError) -> Descriptor? {
        guard ProcessState.hasDescriptorFolder else { return nil }
        do throws(Errno) { return try directory.createUnnamed(mode) } catch {
            if [.notSupported, .isDirectory, .notFound].contains(error) { return nil }
            throw ArchiveError(.create, error, path)
        }
    }

    /// Itself, and the file that has its name now.
    func identities() throws(ArchiveError) -> Set<FileIdentity> {
        let own = try attempt(.inspect, path) { () throws(Errno) in try file.metadata().identity }
        guard let present = try? Directory.current.metadata(of: Name(path), following: false) else { return [own] }
        return [own, present.identity]
    }

    /// For writing.
    func duplicate() throws(ArchiveError) -> Descriptor {
        do throws(Errno) { return try file.duplicate() } catch { throw ArchiveError(.create, error, path) }
    }

    /// Gives the file its name, in the place of what has it.
    func publish() throws(ArchiveError) {
        let staged = temporary ?? Name.temporary()
        do throws(Errno) {
            if temporary == nil { try directory.link(staged, to: file) }
            try directory.rename(staged, over: Name(path.lastComponent))
        } catch {
            discard(staged)
            throw ArchiveError(.publish, error, path)
        }
    }

    /// Removes the temporary name.
    func discard() {
        if let temporary { discard(temporary) }
    }

    /// What cannot be removed stays under its temporary name; the failure before it is the news.
    private func discard(_ name: Name) { try? directory.unlink(name) }
}
