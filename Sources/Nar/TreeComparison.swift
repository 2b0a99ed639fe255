package import FileTree
package import SystemCalls

/// Each entry of a tree with a digest of its own, so that two trees can be compared entry by entry.
private struct EntryDigests: TreeConsumer, ~Copyable {
    private(set) var digests: [Path: NarDigest?] = [:]
    private var hasher = NarHasher()
    private var path = Path([])

    mutating func file(_ entry: WalkEntry, _ metadata: Metadata, size: Int64) {
        path = Path(entry.path)
        hasher = NarHasher()
        hasher.file(entry, metadata, size: size)
    }

    mutating func content(_ bytes: UnsafeRawBufferPointer) { hasher.content(bytes) }

    mutating func endOfFile() {
        hasher.endOfFile()
        var done = NarHasher()
        swap(&done, &hasher)
        digests[path] = done.finish()
    }

    mutating func symlink(_ entry: WalkEntry, to target: Name) {
        var hasher = NarHasher()
        hasher.symlink(entry, to: target)
        digests[Path(entry.path)] = hasher.finish()
    }

    /// A directory differs by what is in it.
    mutating func directory(_ entry: WalkEntry) { digests[Path(entry.path)] = .some(nil) }

    mutating func leave() {}
}

extension TreeReader {
    /// The entries in which two trees differ, and those that only one has: as an archive sees them, by their paths from
    /// the top, in byte order. What is excluded does not count in the second.
    package func difference(
        _ first: Path, _ second: Path, excluding isExcluded: OrderedWalk.Exclusion? = nil
    ) throws(PathError) -> [Path] {
        var one = EntryDigests()
        var two = EntryDigests()
        try read(first, into: &one)
        try read(second, excluding: isExcluded, into: &two)
        let (here, there) = (one.digests, two.digests)
        return Set(here.keys).union(there.keys).filter { here[$0] != there[$0] }.sorted()
    }
}
