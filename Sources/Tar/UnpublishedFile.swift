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
    private let staging: StagingArea
    /// Whether the content is on disk before it gets its name, and the name is before `publish` returns.
    private let syncs: Bool

    private init(_ output: Output, _ form: Form, _ file: consuming Descriptor, _ staging: StagingArea) {
        path = output.path
        directory = output.directory
        existing = output.existing
        syncs = output.syncs
        self.form = form
        self.file = file
        self.staging = staging
    }

    /// The location of the file.
    private struct Output {
        let path: Path
        let directory: Directory
        let existing: Metadata?
        let syncs: Bool
    }

    private var name: Name { Name(path.lastComponent) }

    /// Creates a file that replaces the one of that path. If the caller owns the old file, the new one gets its
    /// permissions, without set-ID bits.
    static func make(_ path: Path, syncs: Bool) throws(ArchiveError) -> UnpublishedFile {
        let existing = try? Directory.current.metadata(of: Name(path), following: false)
        let directory = try attempt(.open, path.parent) { () throws(Errno) in try open(path.parent, syncs) }
        let output = Output(path: path, directory: directory, existing: existing, syncs: syncs)
        do throws(Errno) {
            if try replaces(existing, in: directory) {
                do throws(Errno) { return try makeNew(output) } catch {
                    if error.isFatal || existing == nil { throw error }
                }
            }
            let file = try openInPlace(Name(path.lastComponent), directory)
            return UnpublishedFile(output, .inPlace, file, StagingArea(directory))
        } catch { throw ArchiveError(.create, error, path) }
    }

    /// Opens a directory that may not be listed, too. syncfs(2) takes a descriptor that is open for reading only.
    private static func open(_ path: Path, _ syncs: Bool) throws(Errno) -> Directory {
        if syncs, let directory = try? Directory.current.openDirectory(Name(path)) { return directory }
        return try Directory.current.openDirectory(Name(path), .placeOnly)
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

    private static func makeNew(_ output: Output) throws(Errno) -> UnpublishedFile {
        let isOwn = output.existing?.owner.user == ProcessState.effectiveOwner.user
        let mode = output.existing?.mode.intersection(isOwn ? .permissions : mode) ?? mode
        let staging = StagingArea(output.directory)
        let unnamed = try output.directory.createUnpublished(mode)
        // An earlier run that ended early, or a power cut, leaves a temporary name only where one is needed again.
        if output.existing != nil || unnamed == nil { try sweep(staging) }
        if let unnamed { return UnpublishedFile(output, .unnamed, unnamed, staging) }
        do throws(Errno) {
            let name = try staging.temporaryName()
            return UnpublishedFile(output, .temporary(name), try output.directory.createFile(name, mode), staging)
        } catch {
            close(staging)
            throw error
        }
    }

    /// Removes temporary names of earlier runs. Those that may not be removed stay.
    private static func sweep(_ staging: StagingArea) throws(Errno) {
        do throws(Errno) { try staging.sweep() } catch { if error.isFatal { throw error } }
    }

    /// A lock file that cannot be removed is removed by a later run.
    private static func close(_ staging: StagingArea) { try? staging.close() }

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
        if syncs { try attempt(.sync, path) { () throws(Errno) in try file.sync() } }
        do throws(Errno) {
            switch form {
            case .unnamed: try publishUnnamed()
            case .temporary(let name): try replace(by: name)
            case .inPlace: break
            }
        } catch { throw ArchiveError(.publish, error, path) }
        Self.close(staging)
        if syncs { try attempt(.sync, path) { () throws(Errno) in try directory.syncFileSystem() } }
    }

    private func publishUnnamed() throws(Errno) {
        if existing == nil {
            do throws(Errno) { return try directory.link(name, to: file) } catch { if error.isFatal { throw error } }
        }
        let staged: Name
        do throws(Errno) {
            staged = try staging.temporaryName()
            try directory.link(staged, to: file)
        } catch {
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
        if syncs { try target.sync() }
        try target.close()
    }

    /// Removes the temporary names.
    func discard() {
        if case .temporary(let name) = form { remove(name) }
        Self.close(staging)
    }

    /// A name that cannot be removed stays; the failure before that is reported.
    private func remove(_ name: Name) { try? directory.unlink(name) }
}
