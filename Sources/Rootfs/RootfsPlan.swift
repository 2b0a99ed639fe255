public import NixClosure
import Pruning
public import SystemCalls

/// What has to be written so that a destination becomes the root file system: made before anything is, so that
/// conflicts cost nothing.
public struct RootfsPlan: Sendable {
    /// What the plan was made from.
    public let spec: RootfsSpec
    /// What the root file system holds in the end.
    public let contents: RootfsContents
    /// The destination itself has to be made.
    public let makesDestination: Bool
    /// Store paths that do not exist at the destination, or are not known to be complete there.
    public let missing: [StorePath]
    /// The paths of the entries that have to be written: those that do not exist, and a registration that grows.
    let absent: Set<Path>
    /// The paths of existing files that have lost their content in a power cut.
    let lost: Set<Path>
    /// Whether the record of entries that were left out has lost its content in a power cut, and nothing is left out now.
    private(set) var hasLostRecord = false
    /// Symlinks of an earlier run that become directories.
    let expansions: [LinkExpansion]
    /// Directories in which runs that were killed have left staged names: the store's, or one with files of repot's.
    package let leftovers: [Path]

    /// The store's directory from the root of the file system, without a leading slash.
    public var storeDirectory: Path { contents.storeDirectory }
    /// Directories that repot adds or has added, from the root down.
    public var directories: [Path] { contents.entries.filter(\.isDirectory).map(\.path) }
    /// Symlinks that are not there yet.
    public var symlinks: [RootfsEntry] { contents.entries.filter { $0.target != nil && absent.contains($0.path) } }

    /// Looks at the destination, and throws all that is in the way.
    public init(_ spec: RootfsSpec) throws(RootfsConflicts) {
        self.spec = spec
        var merge = RootfsMerge()
        if spec.moves || spec.additions.hasEntries {
            merge.store = try? Store(directory: spec.store.directory, root: spec.destination)
            if spec.moves { merge.moved = merge.store }
        }
        var conflicts: [PathError] = []
        var contents = RootfsContents(store: spec.store, closure: spec.closure, spec.additions, in: merge, &conflicts)
        let store = contents.storeDirectory
        let destination: DestinationState
        do throws(PathError) {
            destination = try DestinationState(spec.destination)
            try StoreGuard(spec).check(store, makesDestination: !destination.exists)
        } catch { throw RootfsConflicts(conflicts, error) }
        let time = FinishingTouch(owner: spec.owner, modificationTime: spec.modificationTime).time
        var comparison = Self.compare(destination, &contents, merge, time, &conflicts)
        while !comparison.mergeable.isEmpty {
            merge.entries.merge(comparison.mergeable) { _, new in new }
            conflicts = []
            contents = RootfsContents(store: spec.store, closure: spec.closure, spec.additions, in: merge, &conflicts)
            comparison = Self.compare(destination, &contents, merge, time, &conflicts)
        }
        self.contents = contents
        absent = comparison.absent
        lost = comparison.lost
        expansions = comparison.expanded.map { path in
            LinkExpansion(path: path, entries: contents.entries.filter { $0.path != path && $0.path.hasPrefix(path) })
        }
        makesDestination = !destination.exists
        conflicts.collect { () throws(PathError) in try Self.requirePermission(spec) }
        var present: Set<Path> = []
        conflicts.collect { () throws(PathError) in present = try destination.names(in: store) }
        missing = Self.incomplete(spec, destination, present, in: store, &conflicts)
        leftovers = Self.leftovers(destination, contents, expansions)
        conflicts.collect { () throws(PathError) in try requireSamePruning(destination, present) }
        if let conflicts = RootfsConflicts(conflicts) { throw conflicts }
    }

    /// Compares the contents with the destination, extends the registration, and removes entries that yield.
    private static func compare(
        _ destination: DestinationState, _ contents: inout RootfsContents, _ merge: RootfsMerge,
        _ time: Timestamp, _ conflicts: inout [PathError]
    ) -> DestinationState.Comparison {
        let isExtended = extendRegistration(of: destination, &contents, &conflicts)
        var comparison = destination.comparison(
            with: contents.entries.filter { !isExtended || $0.path != Registration.path }, defaults: contents.defaults,
            merge: merge, time: time, &conflicts)
        if isExtended { comparison.absent.insert(Registration.path) }
        contents.removeEntries(comparison.yielding)
        return comparison
    }

    /// Adds the records of an existing registration. Returns whether the existing file has to be replaced.
    private static func extendRegistration(
        of destination: DestinationState, _ contents: inout RootfsContents, _ conflicts: inout [PathError]
    ) -> Bool {
        guard let registration = contents.registration else { return false }
        do throws(PathError) {
            guard let existing = try destination.content(Registration.path) else { return false }
            let file = destination.path.appending(Registration.path)
            let extended = try registration.content(extending: existing, of: file)
            contents.setRegistration(extended)
            return extended != existing
        } catch {
            conflicts.append(error)
            // Returning true prevents a second error for the registration.
            return true
        }
    }

    /// The store paths that have to be copied: one lstat(2) on each side for each existing one.
    private static func incomplete(
        _ spec: RootfsSpec, _ destination: DestinationState, _ present: Set<Path>, in store: Path,
        _ conflicts: inout [PathError]
    ) -> [StorePath] {
        let check = StorePathCheck(spec)
        var incomplete: [StorePath] = []
        for storePath in spec.closure.storePaths {
            conflicts.collect { () throws(PathError) in
                if present.contains(storePath.baseName),
                    let existing = try destination.metadata(store.appending(storePath.baseName)),
                    try check.isComplete(storePath, existing)
                {
                    return
                }
                incomplete.append(storePath)
            }
        }
        return incomplete
    }

    /// What cannot be listed has been found to be in the way already.
    private static func leftovers(
        _ destination: DestinationState, _ contents: RootfsContents, _ expansions: [LinkExpansion]
    ) -> [Path] {
        let files = contents.entries.filter { if case .file = $0.content { true } else { false } }
        return Set(files.map(\.path.parent) + expansions.map(\.path.parent) + [contents.storeDirectory]).sorted().filter
        { directory in
            let names = try? destination.names(in: directory)
            return names?.contains { Name($0).isTemporary } == true
        }
    }

    /// An ordinary user cannot give files away: refused at once, since chown(2) would fail for each of them.
    private static func requirePermission(_ spec: RootfsSpec) throws(PathError) {
        let caller = ProcessState.effectiveOwner
        guard let owner = spec.owner, caller.user != 0 else { return }
        guard owner.user == caller.user, ProcessState.groups.contains(owner.group) else {
            throw PathError(
                spec.destination, "only root can stage \(spec.destination.quoted) for \(owner.user):\(owner.group)")
        }
    }

    /// The entries of an existing store path are not compared: the record lists the store paths without some entries.
    private mutating func requireSamePruning(
        _ destination: DestinationState, _ present: Set<Path>
    ) throws(PathError) {
        let record = try destination.content(PruneRecord.path)
        // Another record has been found to be in the way already.
        if record != nil, !spec.additions.prune.isEmpty { return }
        if record?.isEmpty == true { hasLostRecord = try destination.hasLostContent(PruneRecord.path) }
        let file = spec.destination.appending(PruneRecord.path)
        let recorded = try PruneRecord(record ?? [], named: file, in: spec.store)
        for storePath in spec.closure.storePaths where present.contains(storePath.baseName) {
            let isPruned = contents.pruning[storePath] != nil
            guard isPruned != recorded.contains(storePath) else { continue }
            let place = spec.destination.appending(storeDirectory).appending(storePath.baseName)
            throw PathError(
                PruneRecord.path,
                isPruned
                    ? "\(place.quoted) is there already, and nothing is left out of it: stage into a new destination"
                    : "\(place.quoted) was staged with --prune: give the same patterns, or stage into a new destination"
            )
        }
    }

    /// The entries that are written one by one: all except those of expanded symlinks.
    var plainEntries: [RootfsEntry] {
        if expansions.isEmpty { return contents.entries }
        return contents.entries.filter { entry in !expansions.contains { entry.path.hasPrefix($0.path) } }
    }

    /// Whether repot answers for all metadata of the directory: those on the way to the store.
    func isOwn(_ directory: Path) -> Bool { storeDirectory.hasPrefix(directory) }
}

extension RootfsPlan {
    /// What would be written and what is left out, a line each.
    public var lines: [String] {
        let store = storeDirectory.inRoot
        let kind = spec.moves ? "moved store path" : "store path"
        let pruned = missing.compactMap { contents.pruning[$0] }.flatMap { pruned in
            pruned.excluded.sorted().map { store.appending(pruned.path.baseName).appending($0) }
        }
        return directoryLines + missing.map { "\(kind) \(store.appending($0.baseName).quotedWhereNeeded)" }
            + pruned.map { "left out \($0.quotedWhereNeeded)" } + contents.entries.compactMap(line)
    }

    private var directoryLines: [String] {
        contents.entries.compactMap { entry in
            guard case .directory(let mode) = entry.content else { return nil }
            let isPlain = mode == FileMode.readable.rawValue
            return "directory \(entry.path.inRoot.quotedWhereNeeded)"
                + (isPlain ? "" : " with mode \(String(mode, radix: 8))")
        }
    }

    private func line(_ entry: RootfsEntry) -> String? {
        guard absent.contains(entry.path) else { return nil }
        let path = entry.path.inRoot.quotedWhereNeeded
        return switch entry.content {
        case .directory: nil
        case .symlink(let target): "symlink \(path) -> \(target.quotedWhereNeeded)"
        case .file(let bytes, _): "file \(path) of \(bytes.count) bytes"
        }
    }
}
