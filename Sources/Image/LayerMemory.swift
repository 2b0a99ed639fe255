import Synchronization
package import SystemCalls
package import Tar

/// The memory that the entries of an image may occupy while it is read. A compressed layer of a few megabytes can have
/// more entries than memory can hold.
package final class LayerMemory: Sendable {
    private static let limit = 256 << 20

    private let used = Atomic<Int>(0)

    package init() {}

    /// Adds an estimate of the memory for an entry.
    ///
    /// - Throws: An error if the limit is reached.
    package func add(_ count: Int, of path: Path) throws(ArchiveError) {
        guard count > 0, used.add(count, ordering: .relaxed).newValue > Self.limit else { return }
        throw ArchiveError(
            .malformed(
                "with \(path.quoted) the entries of the image occupy more than \(Self.limit >> 20) MiB of memory; "
                    + "use an image with fewer entries"), path)
    }
}
