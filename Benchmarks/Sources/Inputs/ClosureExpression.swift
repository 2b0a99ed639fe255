import TestSupport

/// What Nix evaluates to build a closure: one derivation a package, and one that refers to all.
struct ClosureExpression {
    /// In the Nix language.
    let text: String

    init(_ name: String, _ set: PackageSet, archives: ByteString) {
        var places: [String: Int] = [:]
        var lines = [Self.prelude]
        for (place, package) in set.packages.enumerated() {
            places[package.name] = place
            let needed = (set.dependencies[package.name] ?? []).compactMap { places[$0] }
            let archive = archives / ByteString(package.archive)
            let words = [Self.quoted("\(package.name)-\(package.version)"), "\"\(archive)\"", Self.list(needed)]
            lines.append("  p\(place) = package \(words.joined(separator: " "));")
        }
        lines.append("in build \"\(name)\" \(Self.list(Array(set.packages.indices))) {} \"\"\n")
        text = lines.joined(separator: "\n")
    }

    /// Nix finds out by itself which of the paths written to the last file belong to the closure, as ever.
    private static let prelude = """
        let
          build = name: dependencies: attributes: script: derivation ({
            inherit name dependencies;
            system = builtins.currentSystem;
            builder = "/bin/sh";
            PATH = "/usr/bin:/bin";
            args = [ "-euc" ''
              mkdir -p "$out"
              ${script}
              mkdir -p "$out/nix-support"
              echo "$dependencies" > "$out/nix-support/propagated-build-inputs"
            '' ];
          } // attributes);
          package = name: archive: dependencies:
            build name dependencies { inherit archive; } ''dpkg-deb -x "$archive" "$out"'';
        """

    private static func list(_ places: [Int]) -> String {
        "[ " + places.map { "p\($0) " }.joined() + "]"
    }

    /// Names of store paths may not have all the characters that versions have.
    private static func quoted(_ name: String) -> String {
        "\"" + String(name.map { $0 == "~" || $0 == ":" ? "-" : $0 }) + "\""
    }
}
