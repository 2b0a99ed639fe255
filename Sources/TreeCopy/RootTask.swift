import FileTree
import Synchronization
import SystemCalls

/// One root of the request on its way.
final class RootTask: Sendable {
    let request: CopyRoot
    let target: TargetDirectory
    let finalName: Name
    /// Something below it is left out.
    let hasExclusions: Bool
    let failures = Atomic<Int>(0)
    private let temporaryName = Mutex<Name?>(nil)

    init(_ request: CopyRoot, into target: TargetDirectory) {
        self.request = request
        self.target = target
        finalName = Name(request.name)
        hasExclusions = !request.excluded.isEmpty
    }

    /// Where relative names of this root begin.
    func base(_ side: Side) -> Directory { side == .source ? .current : target.directory }

    /// The name on disk just now.
    var currentName: Name { stagedName ?? finalName }

    /// The temporary name, while the root has one.
    var stagedName: Name? { temporaryName.withLock { $0 } }

    func stage(as name: Name) { temporaryName.withLock { $0 = name } }

    /// Works with the name on disk, which stays what it is meanwhile: other roots may hold links to files of
    /// this one when it gets its final name.
    func withCurrentName<R: Sendable>(_ body: (Name) throws(Errno) -> R) throws(Errno) -> R {
        try temporaryName.withLock { name throws(Errno) in try body(name ?? finalName) }
    }

    /// Gives a staged root its final name, by `rename`.
    func publish(_ rename: (_ staged: Name) throws(Errno) -> Void) throws(Errno) {
        try temporaryName.withLock { name throws(Errno) in
            guard let staged = name else { return }
            try rename(staged)
            name = nil
        }
    }
}

extension TargetDirectory {
    /// Whether the directory is the target or one that the target lies in.
    func isWithin(_ identity: FileIdentity) throws(Errno) -> Bool {
        try ancestors().contains(identity)
    }

    private func ancestors() throws(Errno) -> Set<FileIdentity> {
        if let known = knownAncestors.withLock({ $0 }) { return known }
        let found = try directory.ancestors()
        knownAncestors.withLock { $0 = found }
        return found
    }
}

extension Directory {
    /// Itself and all that it lies in, found by going up.
    func ancestors() throws(Errno) -> Set<FileIdentity> {
        var found: Set<FileIdentity> = []
        var here = self
        while found.insert(try here.metadata().identity).inserted {
            here = try here.openDirectory(Name(".."), .placeOnly)
        }
        return found
    }
}

/// A directory that receives roots. It was there before the run.
final class TargetDirectory: Sendable {
    let path: Path
    let directory: Directory
    let metadata: Metadata
    let hasDefaultACL: Bool
    let staging: StagingArea
    private let knownAncestors = Mutex<Set<FileIdentity>?>(nil)

    init(_ root: CopyRoot) throws(CopyError) {
        path = root.directory
        do throws(Errno) {
            if let open = root.openDirectory {
                directory = open
            } else {
                directory = try Self.open(path)
            }
            metadata = try directory.metadata()
            hasDefaultACL = try Self.hasDefaultACL(directory)
        } catch { throw CopyError(.failed(.open, error), path) }
        staging = StagingArea(directory)
    }

    /// One that may be written to and not listed takes files all the same.
    private static func open(_ path: Path) throws(Errno) -> Directory {
        do throws(Errno) { return try Directory.current.openDirectory(Name(path), []) } catch {
            guard error == .accessDenied else { throw error }
        }
        return try Directory.current.openDirectory(Name(path), .placeOnly)
    }

    /// One that is open as a place only tells by its name.
    private static func hasDefaultACL(_ directory: Directory) throws(Errno) -> Bool {
        do throws(Errno) { return try directory.hasAttribute(.defaultACL) } catch {
            guard error == .badDescriptor else { throw error }
        }
        return try directory.extendedAttributes(of: Name(".")).contains { $0.name == .defaultACL }
    }
}
