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
    /// How a directory at the destination is opened.
    let destinationOptions: OpenOptions
    let failures = Atomic<Int>(0)
    private let names = Mutex(Names())

    private struct Names: Sendable {
        var temporary: Name?
        /// The temporary name of the incomplete root that this one has replaced.
        var replaced: Name?
    }

    init(_ request: CopyRoot, into target: TargetDirectory, _ options: CopyOptions) {
        self.request = request
        destinationOptions = options.keepsDirectorySymlinks ? .none : .noFollow
        self.target = target
        finalName = Name(request.name)
        hasExclusions = !request.excluded.isEmpty
    }

    /// Where relative names of this root begin.
    func base(_ side: Side) throws(Failure) -> Directory {
        side == .source ? .current : try target.directory()
    }

    /// The name on disk just now.
    var currentName: Name { stagedName ?? finalName }

    /// The temporary name, while the root has one.
    var stagedName: Name? { names.withLock { $0.temporary } }

    /// The temporary name of an entry that has to be removed: of this root, if it was not published, or of the
    /// incomplete one that it has replaced.
    var nameToRemove: Name? { names.withLock { $0.temporary ?? $0.replaced } }

    func stage(as name: Name) { names.withLock { $0.temporary = name } }

    /// Works with the name on disk, which stays what it is meanwhile: other roots may hold links to files of
    /// this one when it gets its final name.
    func withCurrentName<R: Sendable>(_ body: (Name) throws(Errno) -> R) throws(Errno) -> R {
        try names.withLock { names throws(Errno) in try body(names.temporary ?? finalName) }
    }

    /// Gives a staged root its final name.
    ///
    /// - Parameter rename: returns the temporary name of an entry that had the final name; nil if there was none.
    func publish(_ rename: (_ staged: Name) throws(Errno) -> Name?) throws(Errno) {
        try names.withLock { names throws(Errno) in
            guard let staged = names.temporary else { return }
            names.replaced = try rename(staged)
            names.temporary = nil
        }
    }
}
