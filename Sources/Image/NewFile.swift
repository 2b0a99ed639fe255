import FileTree
import SystemCalls

/// A file that is written before it has its name. Of a run that is killed nothing is left, or what the next one sweeps
/// up.
struct NewFile: ~Copyable {
    let file: Descriptor
    private let directory: Directory
    private let path: Path
    private let staging: StagingArea
    /// Whether its content is on disk before it has its name.
    private let syncs: Bool
    /// Where the file system has no files without a name, or while another file is replaced.
    private var temporary: Name?

    private static let mode = FileMode(rawValue: 0o644)

    /// One in the directory, which has that path.
    init(in directory: Directory, _ path: Path, syncs: Bool = false) throws(PathError) {
        self.directory = directory
        self.syncs = syncs
        self.path = path
        staging = StagingArea(directory)
        do throws(Errno) {
            if let unnamed = try directory.createUnpublished(Self.mode) {
                file = unnamed
            } else {
                let name = try staging.temporaryName()
                file = try Self.create(in: directory, name, staging, Self.mode)
                temporary = name
            }
        } catch { throw .failed("cannot create a file in", path, error) }
    }

    private static func create(
        in directory: Directory, _ name: Name, _ staging: StagingArea, _ mode: FileMode
    ) throws(Errno) -> Descriptor {
        do throws(Errno) { return try directory.createFile(name, mode) } catch {
            try? staging.close()
            throw error
        }
    }

    /// For writing.
    func duplicate() throws(PathError) -> Descriptor {
        do throws(Errno) { return try file.duplicate() } catch { throw .failed("cannot write", path, error) }
    }

    /// Writes into it; when that fails, it is given up.
    func write(_ bytes: [UInt8], for name: Name) throws(PathError) {
        do throws(Errno) { try file.write(all: bytes) } catch {
            discard()
            throw .failed("cannot write", path.appending(name), error)
        }
    }

    /// Gives it its name. What has the name already is replaced, or stays.
    consuming func publish(as name: Name, replacing: Bool = true) throws(PathError) {
        do throws(Errno) {
            if syncs { try file.sync() }
            if try !takesNew(name), replacing { try replace(name) }
        } catch {
            discard()
            throw .failed("cannot publish", path.appending(name), error)
        }
        discard()
    }

    /// Whether nothing had the name.
    private mutating func takesNew(_ name: Name) throws(Errno) -> Bool {
        do throws(Errno) {
            if temporary == nil {
                do throws(Errno) { try directory.link(name, to: file) } catch {
                    if error.isFatal || error == .exists { throw error }
                    // Files without a name may be permitted, and linkat(2) refused.
                    try copyToTemporary()
                }
            }
            if let temporary { try directory.renameToNew(temporary, name) }
            temporary = nil
            return true
        } catch {
            if error == .exists { return false }
            throw error
        }
    }

    private mutating func copyToTemporary() throws(Errno) {
        let name = try staging.temporaryName()
        let copy = try directory.createFile(name, Self.mode)
        temporary = name
        try copy.write(contentOf: file)
        if syncs { try copy.sync() }
        try copy.close()
    }

    private mutating func replace(_ name: Name) throws(Errno) {
        let staged: Name
        if let temporary {
            staged = temporary
        } else {
            staged = try staging.temporaryName()
            temporary = staged
            try directory.link(staged, to: file)
        }
        try directory.rename(staged, over: name)
        temporary = nil
    }

    /// Removes the temporary name. What cannot be removed is swept up by a later run.
    func discard() {
        if let temporary { try? directory.unlink(temporary) }
        try? staging.close()
    }
}

extension StagingArea {
    /// Removes what killed runs left; what may not be removed there is somebody else's.
    static func sweep(_ directory: Directory, _ path: Path) throws(PathError) {
        do throws(Errno) { try StagingArea(directory).sweep() } catch {
            if [.notPermitted, .accessDenied].contains(error) { return }
            throw .failed("cannot remove what an interrupted run left in", path, error)
        }
    }
}
