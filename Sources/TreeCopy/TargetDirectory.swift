import FileTree
import Synchronization
import SystemCalls

/// A directory that receives roots. It was there before the run.
///
/// It may be parked, that is closed: the roots that went into it stay known for the sake of hard links, and with
/// `--parents` there may be more targets than a process may have files open.
final class TargetDirectory: Sendable {
    /// What is open while roots go into it.
    struct Opened: Sendable {
        let directory: Directory
        let staging: StagingArea

        init(_ directory: Directory) {
            self.directory = directory
            staging = StagingArea(directory)
        }
    }

    let path: Path
    let metadata: Metadata
    let hasDefaultACL: Bool
    private let held: Mutex<Opened?>
    private let knownAncestry = Mutex<Ancestry?>(nil)

    init(_ root: CopyRoot) throws(CopyError) {
        path = root.directory
        do throws(Errno) {
            let directory: Directory
            // The comparison saves 20 µs at the start, in which the runtime builds the type of the optional.
            if root.openDirectory != nil, let open = root.openDirectory {
                directory = open
            } else {
                directory = try Self.open(path)
            }
            metadata = try directory.metadata()
            hasDefaultACL = directory.hasDefaultACL
            held = Mutex(Opened(directory))
        } catch { throw CopyError(.failed(.open, error), path) }
    }

    /// One that may be written to and not listed takes files all the same.
    private static func open(_ path: Path) throws(Errno) -> Directory {
        do throws(Errno) { return try Directory.current.openDirectory(Name(path)) } catch {
            guard error == .accessDenied else { throw error }
        }
        return try Directory.current.openDirectory(Name(path), .placeOnly)
    }
}

extension TargetDirectory {
    var isParked: Bool { held.withLock { $0 == nil } }

    /// What is open; where it is parked, opened for the caller alone, who links to a file in it and lets it go.
    func opened() throws(Failure) -> Opened {
        if let opened = held.withLock({ $0 }) { return opened }
        return Opened(try reopen())
    }

    func directory() throws(Failure) -> Directory { try opened().directory }

    /// Closes it, when no root in it has a temporary name any more.
    func park() { held.withLock { $0 = nil } }

    /// Opens it again for roots to come.
    func unpark() throws(Failure) {
        let opened = Opened(try reopen())
        held.withLock { $0 = opened }
    }

    /// The path may lead elsewhere by now, where links would be to the files of others.
    private func reopen() throws(Failure) -> Directory {
        let directory = try attempt(.open, .destination) { () throws(Errno) in try Self.open(path) }
        let found = try attempt(.inspect, .destination) { () throws(Errno) in try directory.metadata().identity }
        guard found == metadata.identity else { throw .replacedDirectory(.destination) }
        return directory
    }

    /// Whether the directory is the target or one that the target lies in.
    func isWithin(_ identity: FileIdentity) throws(Failure) -> Bool {
        if let known = knownAncestry.withLock({ $0 }) { return known.contains { $0 == identity } }
        let found = Ancestry(of: try directory())
        knownAncestry.withLock { $0 = found }
        return found.contains { $0 == identity }
    }
}

/// A directory and those above it, up to the first that the caller may not search.
struct Ancestry: Sendable {
    /// A directory. It is a class, since the first array of a struct type costs 15 µs at run time.
    private final class Member: Sendable {
        let identity: FileIdentity
        init(_ identity: FileIdentity) { self.identity = identity }
    }

    private var members: [Member]

    /// Finds the directories above. The ancestry is empty if not even the directory itself can be inspected.
    init(of directory: Directory) {
        members = []
        guard var last = try? directory.metadata().identity else { return }
        members.append(Member(last))
        var here = directory
        var up: [UInt8] = []
        while true {
            up += Array((up.isEmpty ? ".." : "/..").utf8)
            guard let above = try? here.metadata(of: Name(up), following: true).identity, above != last else { return }
            members.append(Member(above))
            last = above
            if up.count < 3000 { continue }
            // The kernel takes 4,095 bytes at a time.
            guard let there = try? here.openDirectory(Name(up), .placeOnly) else { return }
            (here, up) = (there, [])
        }
    }

    func contains(where isWanted: (FileIdentity) -> Bool) -> Bool { members.contains { isWanted($0.identity) } }
}

extension Directory {
    /// Whether new entries inherit an ACL; false if that cannot be found out.
    var hasDefaultACL: Bool {
        do throws(Errno) { return try hasAttribute(.defaultACL) } catch {
            // A directory that is open with O_PATH has its attributes by name only.
            guard error == .badDescriptor else { return false }
            return !attributes(of: Name(".")) { $0 == .defaultACL }.values.isEmpty
        }
    }
}
