import NixClosure
import SystemCalls
import TreeCopy

/// Finds the store paths at the destination that are known to be complete, by the rule of the copy engine. The engine
/// compares the others with the store.
struct StorePathCheck {
    private let store: Store
    private let options: CopyOptions

    init(_ spec: RootfsSpec) {
        store = spec.store
        options = spec.copyOptions
    }

    /// Whether the store path needs no copy. A store path that the store does not have any more, since `--move` has
    /// renamed it, cannot be compared and counts as complete.
    func isComplete(_ storePath: StorePath, _ existing: Metadata) throws(PathError) -> Bool {
        let path = store.physicalPath(of: storePath)
        do throws(Errno) {
            let source = try Directory.current.metadata(of: Name(path), following: false)
            return options.isComplete(existing, copyOf: source) && options.isFromThisBoot(changed: existing.changed)
        } catch {
            if error == .notFound { return true }
            throw .failed("cannot stat", path, error)
        }
    }
}
