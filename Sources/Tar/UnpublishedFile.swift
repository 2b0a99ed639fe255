import FileTree
import SystemCalls

/// A file that gets its name when it is complete, so that a run that ends early leaves nothing behind. Where its
/// directory does not permit that, it is written in place, as GNU tar writes all archives.
struct UnpublishedFile: ~Copyable {
    private enum Form {
        /// A file without a name.
        case unnamed
        /// A file with a temporary name beside the final one.
        case temporary(Name)
        /// The file under its final name.
        case inPlace
    }

    private static let mode = FileMode(rawValue: 0o666)

    private let path: Path
    private let directory: Directory
    /// The file that has the name now.
    private let existing: Metadata?
    private let form: Form
    private let file: Descriptor

    private init(
        _ path: Path, _ directory: Directory, _ existing: Metadata?, _ form: Form, _ file: consuming Descriptor
    ) {
        self.path = path
        self.directory = directory
        self.existing = existing
        self.form = form
        self.file = file
    }

    private var name: Name { Name(path.lastComponent) }

    /// Creates a file that replaces the one of that path. If the caller owns the old file, the new one gets its
    /// permissions, without set-ID bits.
    static func make(_ path: Path) throws(ArchiveError) -> UnpublishedFile {
        let existing = try? Directory.current.metadata(of: Name(path), following: false)
        let directory = try attempt(.open, path.parent) { () throws(Errno) in
            try Directory.current.openDirectory(Name(path.parent), .placeOnly)
        }
        do throws(Errno) {
            if try replaces(existing, in: directory) {
                do throws(Errno) { return try makeNew(path, directory, existing) } catch {
                    if error.isFatal || existing == nil { throw error }
                }
            }
            let file = try openInPlace(Name(path.lastComponent), directory)
            return UnpublishedFile(path, directory, existing, .inPlace, file)
        } catch { throw ArchiveError(.create, error, path) }
    }

    /// Whether a file with another name can take the name: not in an append-only directory, and not on a mount.
    private static func replaces(_ existing: Metadata?, in directory: Directory) throws(Errno) -> Bool {
        let parent = try directory.metadata()
        return !parent.isImmutable && (existing == nil || existing?.mount == parent.mount)
    }

    /// Opens the existing file, unless another user may have planted it: that user would own the content.
    private static func openInPlace(_ name: Name, _ directory: Directory) throws(Errno) -> Descriptor {
        let file = try directory.openOrCreate(name, mode)
        guard try !file.metadata().isForeign(in: directory.metadata()) else { throw .accessDenied }
        try file.truncate(to: 0)
        return file
    }

    private static func makeNew(
        _ path: Path, _ directory: Directory, _ existing: Metadata?
    ) throws(Errno) -> UnpublishedFile {
        let isOwn = existing?.owner.user == ProcessState.effectiveOwner.user
        let mode = existing?.mode.intersection(isOwn ? .permissions : mode) ?? mode
        let made: UnpublishedFile
        if let file = try directory.createUnpublished(mode) {
            made = UnpublishedFile(path, directory, existing, .unnamed, file)
        } else {
            let name = Name.temporary()
            made = UnpublishedFile(
                path, directory, existing, .temporary(name), try directory.createFile(name, mode))
        }
        return made
    }

    /// The identities of this file and of the file that has its name now.
    func identities() throws(ArchiveError) -> Set<FileIdentity> {
        let own = try attempt(.inspect, path) { () throws(Errno) in try file.metadata().identity }
        guard let existing else { return [own] }
        return [own, existing.identity]
    }

    /// A descriptor for writing.
    func duplicate() throws(ArchiveError) -> Descriptor {
        do throws(Errno) { return try file.duplicate() } catch { throw ArchiveError(.create, error, path) }
    }

    /// Gives the file its name, in place of the existing one.
    func publish() throws(ArchiveError) {
        do throws(Errno) {
            switch form {
            case .unnamed: try publishUnnamed()
            case .temporary(let name): try replace(by: name)
            case .inPlace: break
            }
        } catch { throw ArchiveError(.publish, error, path) }
    }

    private func publishUnnamed() throws(Errno) {
        if existing == nil {
            do throws(Errno) { return try directory.link(name, to: file) } catch { if error.isFatal { throw error } }
        }
        let staged = Name.temporary()
        do throws(Errno) { try directory.link(staged, to: file) } catch {
            if error.isFatal { throw error }
            return try writeInPlace(file)
        }
        try replace(by: staged)
    }

    /// Renames. Where that is refused, as for a file of another user in a sticky directory, its content is copied.
    private func replace(by staged: Name) throws(Errno) {
        do throws(Errno) { try directory.rename(staged, over: name) } catch {
            defer { remove(staged) }
            if error.isFatal { throw error }
            try writeInPlace(try directory.openFile(staged, .noFollow))
        }
    }

    private func writeInPlace(_ content: borrowing Descriptor) throws(Errno) {
        let target = try Self.openInPlace(name, directory)
        try target.write(contentOf: content)
        try target.close()
    }

    /// Removes the temporary name.
    func discard() {
        if case .temporary(let name) = form { remove(name) }
    }

    /// A name that cannot be removed stays; the failure before that is reported.
    private func remove(_ name: Name) { try? directory.unlink(name) }
}
