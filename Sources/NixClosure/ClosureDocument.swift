public import SystemCalls

/// A closure that somebody wrote down, in one of the forms that Nix and people write; which one, its content tells.
public struct ClosureDocument: Sendable {
    /// What it looks like.
    public enum Form: String, Sendable {
        /// Store paths, one a line.
        case list
        /// What `closureInfo`, `exportReferencesGraph` and `nix-store --dump-db` write.
        case registration
        /// What `nix path-info --json` writes.
        case pathInfo = "nix path-info --json"
        /// `.attrs.json` of a derivation with `exportReferencesGraph`.
        case attributes = ".attrs.json"
    }

    /// The name of the file, or `standard input`, for messages.
    public let name: Path
    /// What it looks like.
    public let form: Form
    /// The store paths in its order.
    public let storePaths: [StorePath]
    /// What it says of each; nil for a list, which says nothing.
    public let infos: [PathInfo]?

    /// Reads a file, or standard input for `-`.
    public init(reading path: Path, _ store: Store) throws(ClosureError) {
        let isInput = path == "-"
        let content: [UInt8]
        do throws(Errno) {
            content = isInput ? try Console.readInput() : try Directory.current.readInput(Name(path))
        } catch {
            throw .failed("cannot read the closure", path, error)
        }
        try self.init(content, name: isInput ? "standard input" : path, store)
        guard !storePaths.isEmpty else {
            throw ClosureError(path, "\(isInput ? "standard input" : path) contains no store paths")
        }
    }

    /// Takes what was read from something of that name.
    package init(_ content: [UInt8], name: Path, _ store: Store) throws(ClosureError) {
        self.name = name
        let first = content.first { !ClosureLines.isSpace($0) && $0 != UInt8(ascii: "\n") }
        if first == UInt8(ascii: "{") || first == UInt8(ascii: "[") {
            let found = try PathInfoJSON.parse(content, name: name, store)
            let infos = Self.unique(found.infos)
            (form, self.infos, storePaths) = (found.form, infos, infos.map(\.path))
            return
        }
        var lines = ClosureLines(content, name: name, store)
        if let hasHashes = lines.registrationHasHashes {
            let infos = Self.unique(try lines.registration(hasHashes))
            (form, self.infos, storePaths) = (.registration, infos, infos.map(\.path))
        } else {
            (form, infos, storePaths) = (.list, nil, try lines.list())
        }
    }

    /// Several graphs, or registrations one after the other, may have paths in common.
    private static func unique(_ infos: [PathInfo]) -> [PathInfo] {
        var seen: Set<StorePath> = []
        return infos.filter { seen.insert($0.path).inserted }
    }
}
