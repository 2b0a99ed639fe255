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
    func base(_ side: Side) throws(Failure) -> Directory {
        side == .source ? .current : try target.directory()
    }

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
