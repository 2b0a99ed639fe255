import FileTree
import Nar
import NixClosure
import Pruning
import SystemCalls

/// Hashes a store path and inspects it, in one reading.
struct Examination: TreeConsumer, ~Copyable {
    private var hasher = NarHasher()
    private var inspection: Inspection

    private init(_ inspection: consuming Inspection) { self.inspection = inspection }

    mutating func opened(_ file: borrowing Descriptor, _ entry: WalkEntry) throws(PathError) {
        try inspection.opened(file, entry)
    }

    mutating func file(_ entry: WalkEntry, _ metadata: Metadata, size: Int64) {
        hasher.file(entry, metadata, size: size)
        inspection.file(entry, metadata, size: size)
    }

    mutating func content(_ bytes: UnsafeRawBufferPointer) {
        hasher.content(bytes)
        inspection.content(bytes)
    }

    mutating func endOfFile() {
        hasher.endOfFile()
        inspection.endOfFile()
    }

    mutating func symlink(_ entry: WalkEntry, to target: Name) throws(PathError) {
        hasher.symlink(entry, to: target)
        try inspection.symlink(entry, to: target)
    }

    mutating func directory(_ entry: WalkEntry) throws(PathError) {
        hasher.directory(entry)
        try inspection.directory(entry)
    }

    mutating func leave() { hasher.leave() }

    private consuming func finish() -> (NarDigest, [Finding]) {
        let findings = inspection.findings
        return (hasher.finish(), findings)
    }
}

extension Examination {
    /// What came of one store path.
    struct Result: Sendable {
        var digest: NarDigest?
        var findings: [Finding] = []
        var wasCancelled = false

        /// Whether the content is not what it should be.
        var isAltered: Bool { findings.contains { $0.kind == "content" } }
    }

    /// Reads a store path and compares it with what is known of it.
    static func result(
        of info: PathInfo, in store: Store, _ rules: InspectionRules, _ reader: borrowing TreeReader
    ) -> Result {
        let tree = store.physicalPath(of: info.path)
        var examination = Examination(Inspection(info.path, at: tree, rules))
        do throws(PathError) { try reader.read(tree, into: &examination) } catch {
            if error.isCancelled { return Result(wasCancelled: true) }
            let entry = Path(joining: Array(error.path.components.dropFirst(tree.components.count)))
            let files = error.path.hasPrefix(tree) && !entry.bytes.isEmpty ? [entry] : []
            return Result(findings: [Finding(info.path, .unreadable(error), files: files)])
        }
        let (digest, findings) = examination.finish()
        return Result(digest: digest, findings: findings + Self.problems(digest, info))
    }

    private static func problems(_ digest: NarDigest, _ info: PathInfo) -> [Finding] {
        if let expected = info.narHash, expected != digest.hash {
            return [Finding(info.path, .content(found: digest, expected: expected))]
        }
        if let expected = info.narSize, expected != digest.size {
            return [Finding(info.path, .size(found: digest.size, expected: expected))]
        }
        return []
    }
}

extension Examination.Result {
    /// Names the files that differ from the store's own copy, where that can be read.
    mutating func compare(
        _ path: StorePath, in store: Store, with source: Store, _ pruned: PruneRecord, _ reader: borrowing TreeReader
    ) {
        let files: [Path]
        do throws(PathError) {
            let excluded = try pruned.excluded(from: path, in: source)
            files = try reader.difference(store.physicalPath(of: path), source.physicalPath(of: path)) {
                excluded.contains(Path($0))
            }
        } catch { return }
        findings = findings.map { $0.kind == "content" ? Finding(path, $0.problem, files: files) : $0 }
    }
}
