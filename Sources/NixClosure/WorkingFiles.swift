package import SystemCalls

/// Recognises the entries that Nix itself creates in a store's directory while it works. They are not store paths.
///
/// Beside a store path `X`, Nix has `X.lock` while it builds, `X.check` after a rebuild that differs, `X.old-…` and
/// `X.tmp-…` during a repair, and `X.chroot` for a sandbox. No store path has such a name, since the hash of a store
/// path is computed from its name too. Source: Nix, `libstore/pathlocks.cc`, `libstore/unix/build`, `libstore/gc.cc`.
package struct WorkingFiles {
    private static let endings = [".lock", ".check", ".chroot", ".tmp"].map { Array($0.utf8) }
    private static let infixes = [".old-", ".tmp-"].map { Array($0.utf8) }
    /// The first bytes of all endings and infixes, after the dot: most names are ruled out by this byte.
    private static let starts: [UInt8] = ["l", "c", "t", "o"].map { UInt8(ascii: $0) }
    private static let temporaries = ["tmp-", "add-", "nix-"].map { Array($0.utf8) }

    /// The names of Nix's working files, among all names in the store's directory.
    package static func names(among names: [Path], in store: Store) -> Set<Path> {
        var found: Set<Path> = []
        var owners: [(name: Path, owner: Path)] = []
        for name in names {
            if isTemporary(name) { found.insert(name) }
            if let owner = owner(of: name) { owners.append((name, owner)) }
        }
        if owners.isEmpty { return found }
        let all = Set(names)
        for (name, owner) in owners where all.contains(owner) || isUnfinished(name, in: store) { found.insert(name) }
        return found
    }

    /// Whether the store path has the name of a working file and is one. Only such a name is looked up in the store.
    static func contains(_ storePath: StorePath, in store: Store) -> Bool {
        guard let owner = owner(of: storePath.baseName) else { return false }
        let path = store.physicalDirectory.appending(owner)
        let hasOwner = (try? Directory.current.metadata(of: Name(path), following: false)) != nil
        return hasOwner || isUnfinished(storePath.baseName, in: store)
    }

    /// The store path that the entry would belong to; nil for a name that Nix gives to store paths only.
    private static func owner(of name: Path) -> Path? {
        let bytes = name.bytes
        for dot in bytes.indices.dropLast() where bytes[dot] == UInt8(ascii: ".") && starts.contains(bytes[dot + 1]) {
            let rest = bytes[dot...]
            let isWorking = endings.contains { rest.elementsEqual($0) } || infixes.contains { rest.starts(with: $0) }
            if isWorking { return StorePath(baseName: Path(bytes[..<dot]))?.baseName }
        }
        return nil
    }

    /// Whether the entry is a lock or a sandbox without its store path. A store path may have such a name, but it is
    /// read-only, and a lock has at most one byte.
    private static func isUnfinished(_ name: Path, in store: Store) -> Bool {
        let path = store.physicalDirectory.appending(name)
        guard let metadata = try? Directory.current.metadata(of: Name(path), following: false),
            metadata.mode.rawValue & 0o222 != 0
        else { return false }
        if name.bytes.ends(with: ".lock") { return metadata.kind == .regular && metadata.size <= 1 }
        return name.bytes.ends(with: ".drv.chroot") && metadata.kind == .directory
    }

    /// Whether the entry belongs to Nix, but to no particular store path: the links of its optimiser, the paths that
    /// its garbage collector removes, and temporary directories such as `tmp-1234-5`.
    private static func isTemporary(_ name: Path) -> Bool {
        if name == ".links" || name == "trash" || name.bytes.starts(with: ".tmp-link".utf8) { return true }
        guard let prefix = temporaries.first(where: { name.bytes.starts(with: $0) }) else { return false }
        let numbers = name.bytes.dropFirst(prefix.count).split(
            separator: UInt8(ascii: "-"), omittingEmptySubsequences: false)
        return numbers.count == 2 && numbers.allSatisfy { !$0.isEmpty && $0.allSatisfy { (0x30...0x39).contains($0) } }
    }
}

extension [UInt8] {
    fileprivate func ends(with text: String) -> Bool { suffix(text.utf8.count).elementsEqual(text.utf8) }
}
