package import SystemCalls

/// An entry on the way through a tree.
package struct WalkEntry: Sendable {
    /// The directory that holds it.
    package let parent: Directory
    package let name: Name
    /// The type in the directory's listing. It is a hint, since a mount may cover the entry and a file system may be
    /// wrong. Only a directory has been opened, so that its type is certain.
    package let kind: FileKind
    /// From the root of the walk, which has an empty one.
    package let path: [UInt8]
    /// A directory that is open: the entries that follow are in it.
    package let directory: Directory?
    /// How many directories of the walk it is in; 0 for the root.
    package let depth: Int
}

/// Where a walk could not go on.
package struct WalkFailure: Error {
    package enum Step: Sendable { case open, inspect, list }

    package let step: Step
    package let errno: Errno
    /// From the root of the walk.
    package let path: [UInt8]
}

/// Goes through a tree in byte order, a directory before what is in it, and follows nothing.
///
/// Only the innermost directories stay open; going up to one that was closed leads through `..`, and must
/// arrive where the walk came from.
package struct OrderedWalk: ~Copyable {
    private struct Level {
        /// nil while only deeper levels are walked.
        var directory: Directory?
        let identity: FileIdentity
        let names: SortedNames
        var next = 0
        /// Of the path that leads here.
        let pathLength: Int
    }

    /// The number of levels that are open at a time: a tree may be deeper than a process may have files open.
    private static let openLevels = max(1, min(64, (ProcessState.descriptorLimit - 16) / 8))

    private let access: AccessTimes
    private let isExcluded: Exclusion?
    private var start: Start?
    /// The depth of the first entry.
    private let top: Int
    private var levels: [Level] = []
    private var path: [UInt8] = []
    private var entries = DirectoryEntries(capacity: 32768)

    /// Says of a path from the root of the walk that the walk passes it by, with all below it.
    package typealias Exclusion = @Sendable (_ path: [UInt8]) -> Bool

    /// A walk through the entry and all below it, which is never excluded itself.
    package init(_ name: Name, in directory: Directory, _ access: AccessTimes, excluding isExcluded: Exclusion? = nil) {
        start = Start(directory: directory, name: name, path: [])
        top = 0
        self.access = access
        self.isExcluded = isExcluded
    }

    /// A walk through an entry of another walk whose type is not the listed one: it begins with the real type, and its
    /// paths and depths are those of the other walk.
    package init(correcting entry: WalkEntry, _ access: AccessTimes, excluding isExcluded: Exclusion? = nil) {
        start = Start(directory: entry.parent, name: entry.name, path: entry.path)
        top = entry.depth
        self.access = access
        self.isExcluded = isExcluded
    }

    private struct Start {
        let directory: Directory
        let name: Name
        let path: [UInt8]
    }

    /// The next entry, the root first; nil when there are no more.
    package mutating func next() throws(WalkFailure) -> WalkEntry? {
        if let first = start {
            start = nil
            return try enter(DirectoryEntry(name: first.name, kind: nil), in: first.directory, first.path)
        }
        while let last = levels.indices.last {
            if levels[last].next == levels[last].names.count {
                try leave()
                continue
            }
            let entry = levels[last].names[levels[last].next]
            levels[last].next += 1
            let prefix = path.prefix(levels[last].pathLength)
            let here = Array(prefix) + (prefix.isEmpty ? [] : [UInt8(ascii: "/")]) + entry.name.bytes
            if let isExcluded, isExcluded(here) { continue }
            guard let directory = levels[last].directory else { throw failure(.open, .notFound, here) }
            return try enter(entry, in: directory, here)
        }
        return nil
    }

    /// Goes on behind the directory that `next` has just returned, without what is in it.
    package mutating func leaveOut() throws(WalkFailure) { try leave() }

    /// Opens a directory, and lists it.
    private mutating func enter(
        _ entry: DirectoryEntry, in parent: Directory, _ path: [UInt8]
    ) throws(WalkFailure) -> WalkEntry {
        let kind = try kind(of: entry, in: parent, path)
        let depth = top + levels.count
        guard kind == .directory else {
            return WalkEntry(parent: parent, name: entry.name, kind: kind, path: path, directory: nil, depth: depth)
        }
        let directory: Directory
        do throws(Errno) {
            directory = try access.open(.noFollow) { options throws(Errno) in
                try parent.openDirectory(entry.name, options)
            }
        } catch {
            // The listing may have been wrong: then the entry is what stat says.
            guard let kind = entry.otherType(in: parent) else { throw failure(.open, error, path) }
            return WalkEntry(parent: parent, name: entry.name, kind: kind, path: path, directory: nil, depth: depth)
        }
        do throws(Errno) {
            let identity = try directory.metadata().identity
            let names = try SortedNames(of: directory, &entries)
            levels.append(Level(directory: directory, identity: identity, names: names, pathLength: path.count))
        } catch { throw failure(.list, error, path) }
        if levels.count > Self.openLevels { levels[levels.count - 1 - Self.openLevels].directory = nil }
        self.path = path
        return WalkEntry(parent: parent, name: entry.name, kind: kind, path: path, directory: directory, depth: depth)
    }

    private func kind(
        of entry: DirectoryEntry, in parent: Directory, _ path: [UInt8]
    ) throws(WalkFailure) -> FileKind {
        if let kind = entry.kind { return kind }
        do throws(Errno) { return try parent.metadata(of: entry.name, following: false).kind } catch {
            throw failure(.inspect, error, path)
        }
    }

    private mutating func leave() throws(WalkFailure) {
        let done = levels.removeLast()
        guard let last = levels.indices.last, levels[last].directory == nil else { return }
        let here = Array(path.prefix(levels[last].pathLength))
        do throws(Errno) {
            guard let above = try done.directory?.openDirectory(Name(".."), .noFollow),
                try above.metadata().identity == levels[last].identity
            else { throw Errno.notFound }
            levels[last].directory = above
        } catch { throw failure(.open, error, here) }
    }

    private func failure(_ step: WalkFailure.Step, _ errno: Errno, _ path: [UInt8]) -> WalkFailure {
        WalkFailure(step: step, errno: errno, path: path)
    }
}

extension DirectoryEntry {
    /// The type of the entry, where it is known to be another one than the listing says.
    fileprivate func otherType(in parent: Directory) -> FileKind? {
        guard kind != nil, let real = try? parent.metadata(of: name, following: false).kind, real != kind else {
            return nil
        }
        return real
    }
}

extension WalkEntry {
    /// Whether the entry is of another type than the listing says. To be called after a failure only.
    package var hasOtherType: Bool {
        guard directory == nil, let real = try? parent.metadata(of: name, following: false).kind else { return false }
        return real != kind
    }
}
