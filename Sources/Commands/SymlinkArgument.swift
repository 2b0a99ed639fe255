import ArgumentParser
import NixClosure
import Rootfs
import SystemCalls

/// `PATH=TARGET` as the user wrote it.
struct SymlinkArgument {
    private let text: String

    init(_ text: String) { self.text = text }

    /// The target becomes a path in the closure: what is outside would point nowhere.
    func resolved(in store: Store, _ closure: Closure, _ moved: Store? = nil) throws -> RootfsSymlink {
        let parts = text.split(atFirst: "=")
        guard parts.count == 2 else { throw ValidationError("--symlink takes PATH=TARGET, not '\(text)'") }
        // The link leads through a profile, so that it follows the profile.
        let resolved = try ClosureOptions.resolve(in: store, moved) { (resolver) throws(ClosureError) in
            try resolver.location(of: Path(parts[1]))
        }
        guard closure.contains(resolved.storePath) else {
            throw ClosureError.notListed(store.path(of: resolved.storePath), in: "the closure")
        }
        guard let link = RootfsSymlink(path: Path(parts[0]), target: store.path(of: resolved)) else {
            throw ValidationError("--symlink takes a PATH below the root, without '..', not '\(parts[0])'")
        }
        return link
    }
}
