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

extension ArchiveOutput {
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
        let made = try makeAnew(path)
        guard let present = try? Directory.current.metadata(of: Name(path), following: false) else { return made }
        do throws(Errno) { try made.file.setMode(present.mode) } catch { throw ArchiveError(.create, error, path) }
        return made
    }

    private static func makeAnew(_ path: Path) throws(ArchiveError) -> UnpublishedFile {
        let directory = try attempt(.open, path.parent) { () throws(Errno) in
            try Directory.current.openDirectory(Name(path.parent), [])
        }
        do throws(Errno) {
            return UnpublishedFile(path, directory, nil, try directory.createUnnamed(mode))
        } catch {
            guard [.notSupported, .isDirectory, .notFound].contains(error) else {
                throw ArchiveError(.create, error, path)
            }
        }
        let name = temporaryName()
        let file = try attempt(.create, path) { () throws(Errno) in try directory.createFile(name, mode) }
        return UnpublishedFile(path, directory, name, file)
    }

    private static func temporaryName() -> Name {
        Name(".repot-" + String(UInt64.random(in: .min ... .max), radix: 36))
    }

    /// For writing.
    func duplicate() throws(ArchiveError) -> Descriptor {
        do throws(Errno) { return try file.duplicate() } catch { throw ArchiveError(.create, error, path) }
    }

    /// Gives the file its name, in the place of what has it.
    func publish() throws(ArchiveError) {
        let staged = temporary ?? Self.temporaryName()
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
