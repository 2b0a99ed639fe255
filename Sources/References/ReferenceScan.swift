import FileTree
package import SystemCalls

/// Something that a tree names.
package struct Reference: Hashable, Sendable {
    package let part: HashPart
    /// The first entry that names it, in the order of an archive, by its content, its target or its own name: from the
    /// tree's root, which has an empty path.
    package let place: Path
}

/// Looks for hash parts in trees, as Nix does: in what is in files, in the targets of symlinks, and in the names of
/// entries.
///
/// All trees are entries of one directory, and are named by their names in it. The result does not depend on the
/// number of workers. One byte of a file in 32 is looked at, if that: it is read about as fast as memory allows.
package struct ReferenceScan: Sendable {
    /// A worker's walk keeps 64 directories open, and it may hold files of 32 more.
    private static let descriptorsPerWorker = 100

    let directory: Path
    let isCancelled: @Sendable () -> Bool
    let width: Int

    /// - Parameters:
    ///   - directory: where the trees are.
    ///   - workers: one a processor if nil.
    ///   - isCancelled: called often, on any thread; if it returns true, the scan ends with the error `EINTR`.
    package init(
        in directory: Path, workers: Int? = nil, isCancelled: @escaping @Sendable () -> Bool = { false }
    ) {
        self.directory = directory
        self.isCancelled = isCancelled
        let wanted = workers ?? ProcessState.processors
        width = max(1, min(wanted, (ProcessState.descriptorLimit - 32) / Self.descriptorsPerWorker))
    }

    /// Which of the parts each of the trees names; in the order of the trees, and of the digits.
    package func references(of trees: [Path], to parts: [HashPart]) throws(PathError) -> [[Reference]] {
        let found = try ScanRun(self, HashDetector(KnownHashes(parts))).run(trees)
        return trees.map { found[$0]?.references(to: parts) ?? [] }
    }

    /// The roots and all that they refer to, directly or not, in byte order.
    ///
    /// - Parameter entries: the trees there are, by hash part; of those that share one, all are referred to.
    package func closure(
        of roots: [Path], among entries: [HashPart: [Path]]
    ) throws(PathError) -> [(tree: Path, references: [Reference])] {
        let parts = Array(entries.keys)
        let trees = parts.map { entries[$0] ?? [] }
        let found = try ScanRun(self, HashDetector(KnownHashes(parts))) { trees[$0] }.run(roots)
        return found.values.sorted { $0.name < $1.name }.map { ($0.name, $0.references(to: parts)) }
    }
}

extension ScannedTree {
    fileprivate func references(to parts: [HashPart]) -> [Reference] {
        let references = places.map { Reference(part: parts[$0.finding], place: $0.place) }
        return references.sorted { $0.part < $1.part }
    }
}
