import NixClosure
import SystemCalls
import TreeCopy

/// Finds the store paths at the destination that are complete, by the rule of the copy engine.
struct StorePathCheck {
    private let spec: RootfsSpec

    init(_ spec: RootfsSpec) { self.spec = spec }

    /// Whether the store path needs no copy. A store path that the store does not have any more, since `--move` has
    /// renamed it, cannot be compared and counts as complete.
    func isComplete(_ storePath: StorePath, _ existing: Metadata) throws(PathError) -> Bool {
        let path = spec.store.physicalPath(of: storePath)
        do throws(Errno) {
            let source = try Directory.current.metadata(of: Name(path), following: false)
            return spec.copyOptions.isComplete(existing, copyOf: source)
        } catch {
            if error == .notFound { return true }
            throw .failed("cannot stat", path, error)
        }
    }
}
