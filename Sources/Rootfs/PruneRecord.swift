import Nar
import NixClosure
import SystemCalls

/// What was left out, for those who compare the root file system with the store: `/nix-path-pruned`.
///
/// A comment, then the patterns, then for each store path out of which something is left: its name, the hash and the size
/// of what is left, and the bytes that went.
struct PruneRecord {
    static let path: Path = "nix-path-pruned"
    private static let comment = "# What repot has left out of store paths, and the hashes of what is left."

    static func entry(_ pruning: Pruning, _ left: [StorePath: NarDigest], in store: Store) -> RootfsEntry {
        let globs = pruning.globs.map { "glob \($0)" }
        let paths = pruning.paths.compactMap { pruned in
            left[pruned.path].map { "path \(store.path(of: pruned.path)) \($0.hash) \($0.size) \(pruned.bytes)" }
        }
        let text = ([comment] + globs + paths).joined(separator: "\n") + "\n"
        return RootfsEntry(path: path, content: .file(Array(text.utf8), mode: 0o444))
    }

    /// The store paths that a record names; what is no record names none.
    static func paths(in content: [UInt8], _ store: Store) -> Set<StorePath> {
        let lines = content.split(separator: UInt8(ascii: "\n"))
        let words = lines.map { $0.split(separator: UInt8(ascii: " ")) }
        return Set(
            words.compactMap { words in
                guard words.count == 5, words[0].elementsEqual("path".utf8) else { return nil }
                return store.storePath(Path(words[1]))
            })
    }
}
