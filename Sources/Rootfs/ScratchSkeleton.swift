import NixClosure
import SystemCalls

/// What programs expect and an empty root lacks.
struct ScratchSkeleton {
    private static let bundle: Path = "etc/ssl/certs/ca-bundle.crt"

    private static let directories: [(Path, UInt32)] = [
        ("root", 0o700), ("tmp", 0o1777), ("var/tmp", 0o1777),
    ]

    /// Numbers and names as Debian and nixpkgs' `fakeNss` have them. Source: passwd(5), group(5), nsswitch.conf(5),
    /// hosts(5).
    private static let files: [(Path, String)] = [
        ("etc/group", "root:x:0:\nnobody:x:65534:\nnogroup:x:65534:\n"),
        ("etc/hosts", "127.0.0.1\tlocalhost\n::1\tlocalhost ip6-localhost ip6-loopback\n"),
        ("etc/nsswitch.conf", "passwd: files\ngroup: files\nshadow: files\nhosts: files dns\n"),
        (
            "etc/passwd",
            "root:x:0:0:root:/root:/sbin/nologin\nnobody:x:65534:65534:nobody:/nonexistent:/sbin/nologin\n"
        ),
    ]

    /// Without what depends on the closure.
    static var entries: [RootfsEntry] {
        directories.map { RootfsEntry(path: $0, content: .directory(mode: $1)) }
            + files.map { RootfsEntry(path: $0, content: .file(Array($1.utf8), mode: 0o644)) }
    }

    /// The certificates of the closure, at the place where OpenSSL and Go look for them; nil where it has none.
    static func certificates(_ view: StoreView) throws(PathError) -> RootfsEntry? {
        var found: [(storePath: StorePath, place: StoreView.Place)] = []
        for storePath in view.closure.storePaths {
            guard let place = try view.follow(view.store.path(of: storePath).appending(bundle)),
                place.kind == .regular, !found.contains(where: { $0.place == place })
            else { continue }
            found.append((storePath, place))
        }
        guard let first = found.first else { return nil }
        let content = try view.content(of: first.place)
        for other in found.dropFirst() where try view.content(of: other.place) != content {
            throw PathError(
                bundle,
                "\(bundle.inRoot.quoted) could be that of \(view.store.path(of: first.storePath)) or that of "
                    + "\(view.store.path(of: other.storePath)), which differ: leave out --skeleton, or one of them")
        }
        return RootfsEntry(path: bundle, content: .symlink(target: first.place.path))
    }
}
