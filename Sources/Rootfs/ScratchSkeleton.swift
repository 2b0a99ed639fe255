import NixClosure
import SystemCalls

/// The entries that programs expect and an empty root file system lacks.
struct ScratchSkeleton {
    /// The names of the certificate bundle: the name that nixpkgs' `cacert` uses; the name of Debian, which nixpkgs
    /// compiles into OpenSSL and GnuTLS; the name of Fedora. Source: nixpkgs, `dockerTools.caCertificates`.
    private static let bundles: [Path] = [
        "etc/ssl/certs/ca-bundle.crt", "etc/ssl/certs/ca-certificates.crt", "etc/pki/tls/certs/ca-bundle.crt",
    ]

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

    /// The paths of all entries.
    static var paths: [Path] { entries.map(\.path) + bundles }

    /// The entries that do not depend on the closure.
    static var entries: [RootfsEntry] {
        directories.map { RootfsEntry(path: $0, content: .directory(mode: $1)) }
            + files.map { RootfsEntry(path: $0, content: .file(Array($1.utf8), mode: 0o644)) }
    }

    /// The certificate bundle under all of its names; none if the closure has no bundle. A bundle that the user names
    /// with `--symlink` or `--profile` takes precedence over that of the closure.
    ///
    /// - Throws: an error if store paths of the closure have bundles that differ and the user names none of them.
    static func certificates(_ view: StoreView, _ additions: RootfsAdditions) throws(PathError) -> [RootfsEntry] {
        var target = namedBundle(view, additions)
        if target == nil { target = try foundBundle(view) }
        guard let bundle = target else { return [] }
        return bundles.map { RootfsEntry(path: $0, content: .symlink(target: bundle)) }
    }

    private static func namedBundle(_ view: StoreView, _ additions: RootfsAdditions) -> Path? {
        for name in bundles {
            for link in additions.symlinks where name.hasPrefix(link.path) {
                let rest = name.components.dropFirst(link.path.components.count)
                let target = rest.reduce(link.target) { $0.appending($1) }
                if view.file(at: target) != nil { return target }
            }
        }
        for profile in additions.profiles {
            for name in bundles {
                if let place = view.file(at: profile.appending(name)) { return place.path }
            }
        }
        return nil
    }

    private static func foundBundle(_ view: StoreView) throws(PathError) -> Path? {
        var found: [StoreView.Place] = []
        for storePath in view.closure.storePaths {
            guard let place = try view.follow(view.store.path(of: storePath).appending(bundles[0])),
                place.kind == .regular, !found.contains(place)
            else { continue }
            found.append(place)
        }
        guard let first = found.first else { return nil }
        let content = try view.content(of: first)
        for other in found.dropFirst() where try view.content(of: other) != content {
            let name = bundles[0].inRoot
            throw PathError(
                bundles[0],
                "\(name.quoted) could be \(first.path.quoted) or \(other.path.quoted), which differ; choose one with "
                    + "--symlink \(name)=FILE")
        }
        return first.path
    }
}

extension StoreView {
    /// The regular file that a path leads to; nil if there is none or an error occurs. The error is reported for the
    /// claim that the user makes for the path.
    fileprivate func file(at path: Path) -> Place? {
        guard let place = try? follow(path), place.kind == .regular else { return nil }
        return place
    }
}
