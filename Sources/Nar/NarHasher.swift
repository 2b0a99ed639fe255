import Crypto
package import FileTree
package import SystemCalls

/// Hashes the archive that a tree would make, as the tree is read; the archive itself is nowhere.
/// Source: Nix manual, 'Nix Archive (NAR) format'.
package struct NarHasher: TreeConsumer, ~Copyable {
    /// The words of the format are short, and a call of the hash takes as long as hashing 40 bytes: they are collected,
    /// and so is the content of small files.
    private static let batchSize = 16 * 1024

    private var hash = SHA256()
    private var size: UInt64 = 0
    private let batch: UnsafeMutableRawBufferPointer
    private var filled = 0
    /// How deep the directories are that have not ended.
    private var openDepths: [Int] = []
    /// The file whose content comes.
    private var file = (depth: 0, padding: 0)

    package init() {
        batch = .allocate(byteCount: Self.batchSize, alignment: 64)
        add(Words.magic)
    }

    deinit { batch.deallocate() }

    package mutating func file(_ entry: WalkEntry, _ metadata: Metadata, size: Int64) {
        file(
            entry.name.bytes, depth: entry.depth, size: size, isExecutable: metadata.mode.contains(.ownerExecute))
    }

    /// A file that is no entry of a walk, of that many bytes.
    package mutating func file(_ name: [UInt8], depth: Int, size: Int64, isExecutable: Bool) {
        begin(name, depth)
        add(isExecutable ? Words.executable : Words.regular)
        add(number: UInt64(size))
        file = (depth, Int(-size & 7))
    }

    package mutating func content(_ bytes: UnsafeRawBufferPointer) { add(bytes) }

    package mutating func endOfFile() {
        add(Words.zeros[..<file.padding])
        end(atDepth: file.depth)
    }

    package mutating func symlink(_ entry: WalkEntry, to target: Name) {
        symlink(entry.name.bytes, depth: entry.depth, to: target.bytes)
    }

    /// A symlink that is no entry of a walk.
    package mutating func symlink(_ name: [UInt8], depth: Int, to target: [UInt8]) {
        begin(name, depth)
        add(Words.symlink)
        add(text: target)
        end(atDepth: depth)
    }

    package mutating func directory(_ entry: WalkEntry) { directory(entry.name.bytes, depth: entry.depth) }

    /// A directory that is no entry of a walk.
    package mutating func directory(_ name: [UInt8], depth: Int) {
        begin(name, depth)
        add(Words.directory)
        openDepths.append(depth)
    }

    package mutating func leave() { end(atDepth: openDepths.removeLast()) }

    /// The digest, once the whole tree was read.
    package consuming func finish() -> NarDigest {
        flush()
        return NarDigest(hash: NarHash(hash.finalize()), size: size)
    }
}

extension NarHasher {
    /// The root has no name; all others are entries of a directory.
    private mutating func begin(_ name: [UInt8], _ depth: Int) {
        guard depth > 0 else { return }
        add(Words.entry)
        add(text: name)
        add(Words.node)
    }

    private mutating func end(atDepth depth: Int) { add(depth > 0 ? Words.endOfEntry : Words.end) }

    private mutating func add(text: [UInt8]) {
        add(number: UInt64(text.count))
        add(text[...])
        add(Words.zeros[..<(-text.count & 7)])
    }

    private mutating func add(number: UInt64) {
        withUnsafeBytes(of: number.littleEndian) { add($0) }
    }

    private mutating func add(_ bytes: ArraySlice<UInt8>) {
        bytes.withUnsafeBytes { add($0) }
    }

    private mutating func add(_ bytes: UnsafeRawBufferPointer) {
        size += UInt64(bytes.count)
        if bytes.count > batch.count - filled { flush() }
        guard bytes.count <= batch.count - filled else { return hash.update(bufferPointer: bytes) }
        UnsafeMutableRawBufferPointer(rebasing: batch[filled...]).copyMemory(from: bytes)
        filled += bytes.count
    }

    private mutating func flush() {
        hash.update(bufferPointer: UnsafeRawBufferPointer(rebasing: batch[..<filled]))
        filled = 0
    }
}

/// The sizes of the parts of a NAR, which do not depend on the order of entries.
package enum NarSize {
    /// The beginning and the end of a NAR.
    package static let frame = UInt64(Words.magic.count + Words.end.count)
    package static let directory = UInt64(Words.directory.count)

    package static func file(size: UInt64, isExecutable: Bool) -> UInt64 {
        UInt64((isExecutable ? Words.executable : Words.regular).count) + text(size)
    }

    package static func symlink(toBytes count: Int) -> UInt64 { UInt64(Words.symlink.count) + text(UInt64(count)) }

    /// An entry of a directory: its name and the strings around it, without its content.
    package static func entry(name: Path) -> UInt64 {
        UInt64(Words.entry.count + Words.node.count + Words.endOfEntry.count) + text(UInt64(name.bytes.count))
    }

    private static func text(_ count: UInt64) -> UInt64 { 8 + (count + 7) / 8 * 8 }
}

/// What the format says between what the tree says, each word with its length and padded.
private enum Words {
    static let magic = encoded("nix-archive-1", "(")
    static let regular = encoded("type", "regular", "contents")
    static let executable = encoded("type", "regular", "executable", "", "contents")
    static let symlink = encoded("type", "symlink", "target")
    static let directory = encoded("type", "directory")
    static let entry = encoded("entry", "(", "name")
    static let node = encoded("node", "(")
    static let end = encoded(")")
    static let endOfEntry = encoded(")", ")")
    static let zeros = [UInt8](repeating: 0, count: 8)[...]

    private static func encoded(_ words: String...) -> ArraySlice<UInt8> {
        var bytes: [UInt8] = []
        for word in words {
            let length = word.utf8.count
            bytes += (0..<8).map { UInt8(truncatingIfNeeded: length >> (8 * $0)) }
            bytes += word.utf8
            bytes += zeros[..<(-length & 7)]
        }
        return bytes[...]
    }
}
