public import SystemCalls

/// All rows of a Nix database that are about one store.
public struct DatabaseListing: Sendable {
    /// A row with a text instead of a store path.
    public struct MalformedRow: Hashable, Sendable {
        /// The path of the row. It begins with the store's directory.
        public let path: Path
        /// The text: the path itself, a reference or the deriver.
        public let text: Path
    }

    /// The store paths. References and derivers that are not store paths are left out.
    public internal(set) var infos: [PathInfo] = []
    /// The malformed rows, in the order of the database.
    public internal(set) var malformed: [MalformedRow] = []
}

extension DatabaseListing {
    mutating func add(_ row: ValidPaths.Row, in store: Store) {
        func storePath(_ text: [UInt8]) -> StorePath? {
            if let path = store.storePath(text[...]) { return path }
            malformed.append(MalformedRow(path: Path(row.path), text: Path(text)))
            return nil
        }
        guard let path = storePath(row.path) else { return }
        var info = PathInfo(path, references: row.references.compactMap(storePath))
        (info.narHash, info.narSize, info.deriver) = (row.narHash, row.narSize, row.deriver.flatMap(storePath))
        infos.append(info)
    }
}
