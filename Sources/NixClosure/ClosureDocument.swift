public import SystemCalls

/// A file that records a closure. Its form is recognised by its content.
public struct ClosureDocument: Sendable {
    /// The form of a document.
    public enum Form: String, Sendable {
        /// Store paths, one a line.
        case list
        /// The output of `closureInfo`, `exportReferencesGraph` and `nix-store --dump-db`.
        case registration
        /// The output of `nix path-info --json`.
        case pathInfo = "nix path-info --json"
        /// `.attrs.json` of a derivation with `exportReferencesGraph`.
        case attributes = ".attrs.json"
    }

    /// The name of the file, or `standard input`, for messages.
    public let name: Path
    /// The form.
    public let form: Form
    /// The store paths in the order of the document.
    public let storePaths: [StorePath]
    /// The record of each store path; nil for a list, which has none.
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

    /// Parses the content of the file with this name.
    package init(_ content: [UInt8], name: Path, _ store: Store) throws(ClosureError) {
        self.name = name
        let first = content.first { !ClosureLines.isSpace($0) && $0 != UInt8(ascii: "\n") }
        if first == UInt8(ascii: "{") || first == UInt8(ascii: "[") {
            let found = try PathInfoJSON.parse(content, name: name, store)
            let infos = try found.infos.joined(named: [name], in: store)
            (form, self.infos, storePaths) = (found.form, infos, infos.map(\.path))
            return
        }
        var lines = ClosureLines(content, name: name, store)
        if let hasHashes = lines.registrationHasHashes {
            let infos = try lines.registration(hasHashes).joined(named: [name], in: store)
            (form, self.infos, storePaths) = (.registration, infos, infos.map(\.path))
        } else {
            (form, infos, storePaths) = (.list, nil, try lines.list())
        }
    }
}
