package import Nar
public import NixClosure
public import SystemCalls

/// What was left out of a root file system on purpose, for those who compare it with the store: `/nix-path-pruned`.
///
/// A comment, then the patterns, a line `glob PATTERN` each, then for each store path out of which something is left a
/// line
/// `path PATH HASH SIZE BYTES`: the hash and the size of what is left as an archive, and the bytes that went.
public struct PruneRecord: Sendable {
    /// Where it is, from the root of the file system.
    public static let path: Path = "nix-path-pruned"
    /// The largest record that is read: the lines of about 500,000 store paths.
    private static let maxSize = 64 << 20
    private static let comment = "# What repot has left out of store paths, and the hashes of what is left."

    /// The patterns; nil if there are none.
    private var tree: GlobTree?
    private var digests: [StorePath: NarDigest] = [:]

    /// Nothing was left out.
    public init() {}

    /// Whether the record says that entries were left out.
    public var leavesOut: Bool { tree != nil }

    /// Reads the record of a root file system; one that has none is whole.
    public init(of rootfs: Path, in store: Store) throws(PathError) {
        let file = rootfs.appending(Self.path)
        guard let content = try Self.content(of: file) else {
            self.init()
            return
        }
        try self.init(content, named: file, in: store)
    }

    /// Parses the content of a record.
    package init(_ content: [UInt8], named file: Path, in store: Store) throws(PathError) {
        var globs: [PruneGlob] = []
        var lines: [StorePath: Int] = [:]
        var (start, number) = (0, 0)
        while start < content.count {
            let end = content[start...].firstIndex(of: UInt8(ascii: "\n")) ?? content.count
            number += 1
            switch Self.line(content[start..<end], in: store) {
            case .glob(let glob): globs.append(glob)
            case .path(let path, let digest): (digests[path], lines[path]) = (digest, number)
            case .unknown: break
            case nil: throw Self.malformed(file, line: number)
            }
            start = end + 1
        }
        do throws(GlobTree.Excess) { tree = try globs.isEmpty ? nil : GlobTree(globs) } catch {
            throw PathError(file, "\(file.quoted) has \(error.description); stage with fewer patterns")
        }
        // Something can be left out of a store path only if a pattern leads into it.
        for (path, line) in lines where tree?.start.advanced(by: Name(path.baseName)).isOver ?? true {
            throw Self.malformed(file, line: line)
        }
    }

    private static func malformed(_ file: Path, line: Int) -> PathError {
        PathError(
            file,
            "\(file.quoted), line \(line): a pattern, or a store path, its hash and its size are expected; stage it again"
        )
    }

    private enum Line {
        case glob(PruneGlob)
        case path(StorePath, NarDigest)
        /// Later versions may add keywords.
        case unknown
    }

    /// Returns nil for a malformed line, such as one with a NUL byte.
    private static func line(_ line: ArraySlice<UInt8>, in store: Store) -> Line? {
        if line.contains(0) { return nil }
        let words = line.split(separator: UInt8(ascii: " "), maxSplits: 1)
        guard words.count == 2 else { return words.first.map(isKeyword) == true ? nil : .unknown }
        switch String(decoding: words[0], as: UTF8.self) {
        case "glob": return PruneGlob(String(decoding: words[1], as: UTF8.self)).map { .glob($0) }
        case "path":
            return entry(words[1].split(separator: UInt8(ascii: " "), maxSplits: 3), store).map { .path($0, $1) }
        default: return .unknown
        }
    }

    private static func isKeyword(_ word: ArraySlice<UInt8>) -> Bool {
        word.elementsEqual("glob".utf8) || word.elementsEqual("path".utf8)
    }

    private static func entry(_ words: [ArraySlice<UInt8>], _ store: Store) -> (StorePath, NarDigest)? {
        guard words.count >= 3, let path = store.storePath(Path(words[0])) ?? StorePath(baseName: Path(words[0])),
            let hash = NarHash(String(decoding: words[1], as: UTF8.self)),
            let size = UInt64(String(decoding: words[2], as: UTF8.self))
        else { return nil }
        return (path, NarDigest(hash: hash, size: size))
    }

    /// nil where there is none.
    private static func content(of file: Path) throws(PathError) -> [UInt8]? {
        let state: OwnFile.State
        do throws(Errno) {
            state = try OwnFile(path: file).state()
            if state == .present {
                return try Directory.current.openFile(Name(file), .noFollow).readToEnd(atMost: maxSize)
            }
        } catch { throw .failed("cannot read", file, error) }
        if state == .absent { return nil }
        throw PathError(file, "\(file.quoted) is no file: remove it, or stage anew")
    }
}

extension PruneRecord {
    /// What is written: `left` is what is left of each store path that is not whole.
    package static func content(_ pruning: Pruning, _ left: [StorePath: NarDigest], in store: Store) -> [UInt8] {
        let globs = pruning.globs.map { "glob \($0)" }
        let paths = pruning.paths.compactMap { pruned in
            left[pruned.path].map { "path \(store.path(of: pruned.path)) \($0.hash) \($0.size) \(pruned.bytes)" }
        }
        return Array(([comment] + globs + paths).joined(separator: "\n").utf8) + [UInt8(ascii: "\n")]
    }

    /// The store paths out of which something was left.
    public var storePaths: [StorePath] { digests.keys.sorted() }

    /// Whether something was left out of the store path.
    public func contains(_ path: StorePath) -> Bool { digests[path] != nil }

    /// The same with the hashes and sizes of what is left: of the store's own copies without what the patterns match,
    /// and only where there is none as the record has them, which whoever alters the root file system can alter too.
    ///
    /// - Parameter source: the store; nil where it is not at hand.
    /// - Returns: also the store paths for which there is the record's word alone.
    package func applied(
        to infos: [PathInfo], from source: Store?, workers: Int? = nil
    ) -> (infos: [PathInfo], unproven: [StorePath]) {
        let own = source.map { computed(infos.map(\.path).filter(contains), in: $0, workers) } ?? [:]
        var unproven: [StorePath] = []
        let left = infos.map { info in
            guard let told = digests[info.path] else { return info }
            if own[info.path] == nil { unproven.append(info.path) }
            let digest = own[info.path] ?? told
            var info = info
            (info.narHash, info.narSize) = (digest.hash, digest.size)
            return info
        }
        return (left, unproven)
    }

    private func computed(_ paths: [StorePath], in source: Store, _ workers: Int?) -> [StorePath: NarDigest] {
        var trees: [StorePath: NarTree] = [:]
        for path in paths {
            guard let excluded = try? excluded(from: path, in: source) else { continue }
            trees[path] = NarTree(source.physicalPath(of: path)) { excluded.contains(Path($0)) }
        }
        let digests = NarDigests(workers: workers).digests(of: Array(trees.values))
        return Dictionary(uniqueKeysWithValues: zip(trees.keys, digests)).compactMapValues { try? $0.get() }
    }

    /// What has to be left out of the store's copy of a store path, so that it is what the record tells of.
    package func excluded(from path: StorePath, in source: Store) throws(PathError) -> Set<Path> {
        guard contains(path), let tree else { return [] }
        return try Pruning(tree, Closure([path]), in: source)[path]?.excluded ?? []
    }
}
