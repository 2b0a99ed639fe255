import NixClosure
import SystemCalls

extension Closure {
    /// The path in the closure for an operand such as `./result/bin/hello`.
    ///
    /// It is a path in the first store path on the way, such as a profile. If the closure does not contain that store
    /// path, it is the target of the symlink at the end of the operand.
    ///
    /// - Throws: An error if the closure contains neither.
    func path(of operand: Path, in store: Store, movedTo moved: Store? = nil) throws(ClosureError) -> Path {
        let location = try ClosureOptions.resolve(in: store, moved) { (resolver) throws(ClosureError) in
            try resolver.location(of: operand)
        }
        if contains(location.storePath) { return store.path(of: location) }
        let target = try? ClosureOptions.resolve(in: store, moved) { (resolver) throws(ClosureError) in
            try resolver.resolve(operand)
        }
        guard let target, contains(target.storePath) else {
            throw ClosureError.notListed(store.path(of: location.storePath), in: "the closure")
        }
        return store.path(of: target)
    }
}
