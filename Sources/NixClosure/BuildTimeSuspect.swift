/// Why a store path looks as if only a build needed it.
public enum BuildTimeSuspect: String, Sendable {
    case developmentOutput = "development output"
    case buildEnvironment = "build environment"
    case compiler = "compiler"
    case buildTool = "build tool"
    case sources = "sources"
    case derivation = "derivation"

    private static let environments: Set = ["stdenv", "stdenv-linux", "stdenv-darwin", "bootstrap-tools"]
    private static let compilers: Set = [
        "gcc", "gcc-wrapper", "clang", "clang-wrapper", "llvm", "rustc", "rustc-wrapper", "cargo", "go", "ghc",
        "binutils",
        "binutils-wrapper", "gfortran", "gfortran-wrapper",
    ]
    private static let tools: Set = [
        "cmake", "meson", "ninja", "gnumake", "autoconf", "automake", "libtool", "pkg-config", "pkg-config-wrapper",
        "patchelf",
        "bison", "flex", "gnum4",
    ]
    private static let archives = [
        ".tar", ".tar.gz", ".tgz", ".tar.xz", ".tar.bz2", ".tar.zst", ".zip", ".patch", ".diff",
    ]
    private static let developmentOutputs = ["-dev", "-devdoc", "-static"]
    /// Outputs of compilers that programs need when they run.
    private static let runtimeOutputs = ["-lib", "-libgcc", "-out"]

    /// nil for what looks innocent. Told by the name alone, as nixpkgs gives names.
    public init?(_ path: StorePath) {
        let name = path.name
        let package = PackageName(path).name
        if name.hasSuffix(".drv") {
            self = .derivation
        } else if Self.developmentOutputs.contains(where: name.hasSuffix) {
            self = .developmentOutput
        } else if Self.environments.contains(package) {
            self = .buildEnvironment
        } else if Self.compilers.contains(package), !Self.runtimeOutputs.contains(where: name.hasSuffix) {
            self = .compiler
        } else if Self.tools.contains(package) {
            self = .buildTool
        } else if name == "source" || name.hasSuffix("-source") || name.hasSuffix("-src")
            || Self.archives.contains(where: name.hasSuffix)
        {
            self = .sources
        } else {
            return nil
        }
    }
}
