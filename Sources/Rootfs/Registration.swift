import Nar
import NixClosure
import SystemCalls

/// What Nix is to know of the paths in the root file system, as `nix-store --load-db` reads it. Source: Nix,
/// `LocalStore::makeValidityRegistration`.
///
/// The deriver is left empty: it is not in the root.
struct Registration {
    static let path: Path = "nix-path-registration"

    /// What Nix would refuse: it takes all of a registration, or nothing.
    static func gaps(_ infos: [PathInfo], in store: Store) -> [PathError] {
        let known = Set(infos.map(\.path))
        return infos.flatMap { info in
            info.references.filter { !known.contains($0) }.map { reference in
                let (path, absent) = (store.path(of: info.path), store.path(of: reference))
                return PathError(
                    path,
                    "\(path.quoted) cannot be registered: it refers to \(absent.quoted), which does not belong to the "
                        + "closure; add that, or leave out --registration")
            }
        }
    }

    /// Path, hash in base 16, size, deriver, how many references, references: a line each, the paths in byte order.
    static func entry(_ infos: [PathInfo], _ left: [StorePath: NarDigest], in store: Store) throws(PathError)
        -> RootfsEntry
    {
        var bytes: [UInt8] = []
        func add(_ line: some Sequence<UInt8>) { bytes += Array(line) + [UInt8(ascii: "\n")] }
        for info in infos.sorted(by: { $0.path < $1.path }) {
            guard let hash = left[info.path]?.hash ?? info.narHash, let size = left[info.path]?.size ?? info.narSize
            else {
                let path = store.path(of: info.path)
                throw PathError(
                    path,
                    "the hash of \(path.quoted) is not known: give a closure with hashes, as Nix's database has them")
            }
            add(store.path(of: info.path).bytes)
            add(hash.base16.utf8)
            add("\(size)".utf8)
            add([])
            add("\(info.references.count)".utf8)
            for reference in info.references { add(store.path(of: reference).bytes) }
        }
        return RootfsEntry(path: path, content: .file(bytes, mode: 0o444))
    }
}
