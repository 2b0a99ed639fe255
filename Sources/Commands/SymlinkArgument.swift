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
        let target = try closure.path(of: Path(parts[1]), in: store, movedTo: moved)
        guard let link = RootfsSymlink(path: Path(parts[0]), target: target) else {
            throw ValidationError("--symlink takes a PATH below the root, without '..', not '\(parts[0])'")
        }
        return link
    }
}
