import NixClosure

/// The package of a store path, and the output of the package that the store path contains.
struct PackageOutput {
    /// The usual names of outputs. Source: nixpkgs, pkgs/build-support/setup-hooks/multiple-outputs.sh.
    private static let names: Set<String> = [
        "bin", "debug", "dev", "devdoc", "devman", "dist", "doc", "include", "info", "lib", "man", "out", "static",
    ]

    let name: String
    /// The version without the output; empty if the store path has none.
    let version: String
    /// The name of the output; nil for the default one.
    let output: String?

    init(_ path: StorePath) {
        let package = PackageName(path)
        name = package.name
        let parts = package.version.split(separator: "-", omittingEmptySubsequences: false)
        let last = parts.last.map(String.init) ?? ""
        let isOutput = parts.count > 1 && Self.names.contains(last)
        output = isOutput ? last : nil
        version = isOutput ? parts.dropLast().joined(separator: "-") : package.version
    }

    /// The package URL, with the type `nix` that sbomnix uses. Source: purl specification.
    var packageURL: String {
        "pkg:nix/\(Self.encoded(name))" + (version.isEmpty ? "" : "@\(Self.encoded(version))")
            + (output.map { "?output=\($0)" } ?? "")
    }

    private static let plain = Set("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-_~".utf8)

    private static func encoded(_ text: String) -> String {
        text.utf8.reduce(into: "") { result, byte in
            if plain.contains(byte) {
                result.unicodeScalars.append(Unicode.Scalar(byte))
            } else {
                let digits = String(byte, radix: 16, uppercase: true)
                result += "%" + (digits.utf8.count < 2 ? "0" : "") + digits
            }
        }
    }
}
