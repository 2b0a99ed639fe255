import NixClosure
import SystemCalls

/// The entry to which a claim leads.
enum ClaimEnd: Hashable {
    case place(StoreView.Place)
    case file([UInt8], mode: UInt32)
    case nowhere(Path)
}

extension StoreView {
    /// The files that a container runtime reads or mounts over before the container starts. containerd refuses absolute
    /// symlinks at the first two, and a mount over a symlink would cover the file in the store.
    private static let runtimeFiles: Set<Path> = [
        "etc/group", "etc/passwd", "etc/hostname", "etc/hosts", "etc/resolv.conf",
    ]

    /// A copy of the file in the store, if a container runtime needs a file at this path; nil otherwise.
    func copyForRuntime(of stored: Path, at path: Path) throws(PathError) -> RootfsEntry.Content? {
        guard Self.runtimeFiles.contains(path), let place = try follow(stored), place.kind == .regular else {
            return nil
        }
        return .file(try content(of: place), mode: 0o644)
    }

    /// The packages that have to be installed together with a package. Source: nixpkgs, `buildEnv`.
    ///
    /// - Throws: an error if an entry of its list is not an existing store path.
    func propagatedPackages(of profile: Path) throws(PathError) -> [Path] {
        let file = profile.appending("nix-support/propagated-user-env-packages")
        guard let place = try follow(file), place.kind == .regular else { return [] }
        var packages: [Path] = []
        for word in try content(of: place).split(whereSeparator: Self.isSpace) {
            guard let package = store.storePath(word) else {
                throw PathError(
                    file,
                    "\(file.quoted) names \(Path(word).quoted), which is not a store path (expected "
                        + "\(store.directory)/HASH-NAME)")
            }
            let path = store.path(of: package)
            guard try inspect(path) != nil else {
                throw PathError(file, "\(file.quoted) names \(path.quoted), which does not exist")
            }
            packages.append(path)
        }
        return packages
    }

    private static func isSpace(_ byte: UInt8) -> Bool { byte == UInt8(ascii: " ") || (9...13).contains(byte) }

    /// The end of a claim; nil for a directory that is not in the store.
    func end(of content: Claim.Content) throws(PathError) -> ClaimEnd? {
        switch content {
        case .directory: return nil
        case .file(let bytes, let mode): return .file(bytes, mode: mode)
        case .symlink(let target):
            guard let place = try follow(target) else { return .nowhere(target) }
            return try end(at: place)
        case .stored(let stored):
            guard let place = try follow(stored) else { return .nowhere(try readLink(stored)) }
            return try end(at: place)
        }
    }

    private func end(at place: Place) throws(PathError) -> ClaimEnd {
        guard place.kind == .regular else { return .place(place) }
        return .file(try self.content(of: place), mode: place.mode.rawValue)
    }
}
