import SystemCalls

/// The names in one directory of the root file system that profiles do not add, because packages have files there that
/// only describe the package itself. Source: nixpkgs, `buildEnv`; Nix, `builtins/buildenv.cc`.
///
/// `nix-env` leaves out the manifests at any depth. Here only those at the top are left out, as each profile has them;
/// programs use the name `manifest.json` for their own data.
struct IgnoredNames {
    private let isTop: Bool
    private let isInfo: Bool
    private let isMime: Bool

    /// - Parameter directory: a path from the root of the file system, without a leading slash.
    init(in directory: Path) {
        isTop = directory.bytes.isEmpty
        isInfo = directory.lastComponent == "info"
        isMime = directory == "share/mime"
    }

    func contains(_ name: Path) -> Bool {
        if name == "perllocal.pod" || name == "log" { return true }
        if isTop { return Self.isOfPackage(name) }
        if isInfo { return name == "dir" }
        return isMime && name != "packages"
    }

    private static func isOfPackage(_ name: Path) -> Bool {
        name == "nix-support" || name == "manifest.nix" || name == "manifest.json"
            || name.bytes.starts(with: "propagated-".utf8)
    }
}
