/// The name and the version in a store path's name. Source: Nix manual, `builtins.parseDrvName`.
public struct PackageName: Hashable, Sendable {
    /// Up to the first dash that no letter follows: `gcc` of `gcc-13.2.0-lib`.
    public let name: String
    /// What follows; empty where there is none.
    public let version: String

    /// Takes a store path apart.
    public init(_ path: StorePath) {
        let text = path.name
        var rest = text[...]
        while let dash = rest.firstIndex(of: "-") {
            let after = text.index(after: dash)
            if after < text.endIndex, !text[after].isLetter {
                (name, version) = (String(text[..<dash]), String(text[after...]))
                return
            }
            rest = text[after...]
        }
        (name, version) = (text, "")
    }
}
