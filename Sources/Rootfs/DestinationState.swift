import NixClosure
import Pruning
import SystemCalls

/// The existing entries of a destination.
struct DestinationState {
    /// The differences between the existing entries and those of a root file system.
    struct Comparison {
        /// The paths of the entries that have to be written.
        var absent: Set<Path> = []
        /// The paths of files that have lost their content in a power cut. `absent` contains them, too.
        var lost: Set<Path> = []
        /// The paths of the skeleton's entries that yield to other entries.
        var yielding: Set<Path> = []
        /// The existing entries with which profiles have to be merged first.
        var mergeable: [Path: Claim.Content] = [:]
        /// The paths of symlinks that become directories. The entries below them are absent.
        var expanded: [Path] = []
    }

    let path: Path
    private let directory: Directory?
    private let bootTime = machineStartTime()
    var exists: Bool { directory != nil }

    /// A directory, or nothing in a directory that exists.
    init(_ path: Path) throws(PathError) {
        self.path = path
        do throws(Errno) {
            directory = try Directory.current.openDirectory(Name(path))
        } catch {
            guard error == .notFound else { throw .failed("cannot open the destination", path, error) }
            directory = nil
            try Self.requireParent(of: path)
        }
    }

    private static func requireParent(of path: Path) throws(PathError) {
        do throws(Errno) { _ = try Directory.current.openDirectory(Name(path.parent)) } catch {
            throw PathError(
                path.parent,
                "cannot make \(path.quoted): its parent \(path.parent.quoted): \(error.message); make it first",
                error)
        }
    }

    /// Compares the entries with the existing ones. If an existing entry is in the way, one conflict is
    /// reported for it and all entries below it.
    ///
    /// - Parameters:
    ///   - entries: the entries of the root file system.
    ///   - defaults: the paths of entries that yield to existing files and symlinks.
    ///   - merge: the existing entries that have been merged with these.
    ///   - time: the time of files that repot writes.
    func comparison(
        with entries: [RootfsEntry], defaults: Set<Path> = [], merge: RootfsMerge = RootfsMerge(), time: Timestamp,
        _ conflicts: inout [PathError]
    ) -> Comparison {
        var comparison = Comparison()
        var blocked: Path?
        var collisions = NameCollisions()
        for entry in entries {
            if let blocked, entry.path.hasPrefix(blocked) { continue }
            if let last = comparison.expanded.last, entry.path.hasPrefix(last) {
                comparison.absent.insert(entry.path)
                continue
            }
            do throws(PathError) {
                guard let metadata = try metadata(entry.path) else {
                    comparison.absent.insert(entry.path)
                    continue
                }
                try collisions.insert(entry.path, metadata, in: path)
                if try hasLostContent(entry, metadata, isDefault: defaults.contains(entry.path), time) {
                    comparison.absent.insert(entry.path)
                    comparison.lost.insert(entry.path)
                    continue
                }
                try require(entry, metadata)
            } catch {
                if error.errno == nil, !entry.isDirectory, defaults.contains(entry.path) {
                    comparison.yielding.insert(entry.path)
                    continue
                }
                if error.errno == nil, entry.isDirectory, case .stored = merge.entries[entry.path] {
                    comparison.absent.insert(entry.path)
                    comparison.expanded.append(entry.path)
                    continue
                }
                if error.errno == nil, merge.entries[entry.path] == nil, let content = mergeable(entry, merge.store) {
                    comparison.mergeable[entry.path] = content
                } else {
                    conflicts.append(error)
                }
                blocked = entry.path
            }
        }
        return comparison
    }

    /// The existing entry, if it may be a profile's that is to be merged with another one; nil otherwise. At the top,
    /// directories stay directories.
    private func mergeable(_ entry: RootfsEntry, _ store: Store?) -> Claim.Content? {
        guard let store, entry.path.components.count > 1 else { return nil }
        switch entry.content {
        case .directory(let mode) where mode == FileMode.readable.rawValue: break
        case .symlink(let target) where target.hasPrefix(store.directory): break
        default: return nil
        }
        do throws(PathError) {
            let kind = try metadata(entry.path)?.kind
            if kind == .directory { return .directory(mode: nil) }
            guard kind == .symlink, let target = try readLink(entry.path), target.hasPrefix(store.directory) else {
                return nil
            }
            return .stored(target)
        } catch {
            // The caller reports the conflict of this entry.
            return nil
        }
    }

    /// Throws a conflict unless the existing entry is the one that is wanted.
    private func require(_ entry: RootfsEntry, _ metadata: Metadata) throws(PathError) {
        switch entry.content {
        case .directory(let mode): try requireDirectory(entry.path, mode, metadata)
        case .symlink(let target): try requireSymlink(entry.path, target, metadata)
        case .file(let bytes, let mode): try requireFile(entry.path, bytes, FileMode(rawValue: mode), metadata)
        }
    }

    /// Whose permissions matter has to have them; all others keep what they have.
    private func requireDirectory(_ relative: Path, _ mode: UInt32, _ metadata: Metadata) throws(PathError) {
        guard metadata.kind == .directory else { throw inTheWay(relative, "a directory is needed there") }
        if mode == FileMode.readable.rawValue || metadata.mode == FileMode(rawValue: mode) { return }
        // A killed run may have made it, and not set its mode yet.
        let isCallers = metadata.owner.user == ProcessState.effectiveOwner.user
        let holds = try names(in: relative)
        if !isCallers || !holds.isEmpty {
            throw inTheWay(
                relative, "its mode is \(String(metadata.mode.rawValue, radix: 8)), not \(String(mode, radix: 8))")
        }
    }

    private func requireSymlink(_ relative: Path, _ target: Path, _ metadata: Metadata) throws(PathError) {
        guard metadata.kind == .symlink else { throw inTheWay(relative, "a symlink is needed there") }
        guard try readLink(relative) == target else { throw inTheWay(relative, "it is a symlink to something else") }
    }

    private func requireFile(
        _ relative: Path, _ bytes: [UInt8], _ mode: FileMode, _ metadata: Metadata
    ) throws(PathError) {
        guard metadata.kind == .regular else { throw inTheWay(relative, "a file is needed there") }
        // The size is compared first, since the existing file may be large.
        let isSame = metadata.size == bytes.count ? try content(relative) == bytes : false
        guard isSame else {
            throw relative == PruneRecord.path
                ? PathError(
                    relative,
                    "\(path.appending(relative).quoted) tells of another --prune: stage with the same one, or elsewhere"
                )
                : inTheWay(relative, "its content is other")
        }
        if metadata.mode != mode {
            throw inTheWay(
                relative,
                "its mode is \(String(metadata.mode.rawValue, radix: 8)), not \(String(mode.rawValue, radix: 8))")
        }
    }

    private func inTheWay(_ relative: Path, _ why: String) -> PathError {
        PathError(relative, "\(path.appending(relative).quoted) is in the way: \(why); remove it first")
    }

    private func readLink(_ relative: Path) throws(PathError) -> Path? {
        do throws(Errno) {
            return try directory.map { (it) throws(Errno) in Path(try it.readLink(Name(relative)).bytes) }
        } catch {
            throw .failed("cannot read symbolic link", path.appending(relative), error)
        }
    }

    /// Whether a power cut has taken the content of a file that repot wrote. A file of the skeleton is repot's only if it
    /// has the time and the mode that repot gives it together with its name.
    private func hasLostContent(
        _ entry: RootfsEntry, _ metadata: Metadata, isDefault: Bool, _ time: Timestamp
    ) throws(PathError) -> Bool {
        guard case .file(let bytes, let mode) = entry.content, !bytes.isEmpty, metadata.kind == .regular,
            !metadata.changed.isSince(bootTime)
        else { return false }
        if isDefault, metadata.modified != time || metadata.mode.rawValue != mode { return false }
        return try content(entry.path)?.isEmpty == true
    }

    /// Whether a file is empty, or consists of NUL bytes, and was written before the machine was started.
    func hasLostContent(_ relative: Path) throws(PathError) -> Bool {
        guard let metadata = try metadata(relative), !metadata.changed.isSince(bootTime) else { return false }
        return try content(relative)?.isEmpty == true
    }

    /// The content of a file; nil if there is no such file. A file that has lost its content in a power cut is empty.
    func content(_ relative: Path) throws(PathError) -> [UInt8]? {
        guard let directory, let metadata = try metadata(relative), metadata.kind == .regular else { return nil }
        do throws(Errno) {
            let content = try directory.readInput(Name(relative))
            return content.isEmptyOrNUL && !metadata.changed.isSince(bootTime) ? [] : content
        } catch { throw .failed("cannot read", path.appending(relative), error) }
    }

    /// The names in a directory; none where it is not there.
    func names(in relative: Path) throws(PathError) -> Set<Path> {
        guard let directory, try metadata(relative)?.kind == .directory else { return [] }
        var names: Set<Path> = []
        do throws(Errno) {
            let listing = try directory.openDirectory(Name(relative), .noFollow)
            var entries = DirectoryEntries(capacity: 32768)
            while try entries.read(from: listing) {
                entries.forEach { names.insert(Path($0.name.bytes)) }
            }
            return names
        } catch { throw .failed("cannot read directory", path.appending(relative), error) }
    }

    func metadata(_ relative: Path) throws(PathError) -> Metadata? {
        guard let directory else { return nil }
        do throws(Errno) { return try directory.metadata(of: Name(relative), following: false) } catch {
            if error == .notFound || error == .notDirectory { return nil }
            throw .failed("cannot stat", path.appending(relative), error)
        }
    }
}
