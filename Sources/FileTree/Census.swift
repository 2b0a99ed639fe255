import Synchronization
package import SystemCalls

/// Counts the entries of trees by reading their directories, for a display that wants to know how much there
/// is to do. An estimate: what cannot be read is left out, since the copy itself will say so.
package final class Census: Sendable {
    private struct Level {
        let directory: Directory
        var pending: [Name] = []
    }

    private static let deepest = 64
    private let roots: [Path]
    private let found = Atomic<Int>(0)
    private let isComplete = Atomic<Bool>(false)
    private let isCancelled = Atomic<Bool>(false)

    package init(_ roots: [Path]) { self.roots = roots }

    /// All entries; nil until they are counted.
    package var total: Int? {
        isComplete.load(ordering: .acquiring) ? found.load(ordering: .relaxed) : nil
    }

    package func cancel() { isCancelled.store(true, ordering: .relaxed) }

    /// Walks one tree after the other, on the thread that calls.
    package func count() {
        var entries = DirectoryEntries(capacity: 32768)
        for root in roots {
            found.add(1, ordering: .relaxed)
            guard var levels = level(Directory.current, Name(root), &entries).map({ [$0] }) else { continue }
            while let last = levels.indices.last {
                guard !isCancelled.load(ordering: .relaxed) else { return }
                guard let name = levels[last].pending.popLast() else {
                    levels.removeLast()
                    continue
                }
                // The copy needs the descriptors more than an estimate does.
                guard levels.count < Self.deepest else { continue }
                if let next = level(levels[last].directory, name, &entries) { levels.append(next) }
            }
        }
        isComplete.store(true, ordering: .releasing)
    }

    private func level(_ parent: Directory, _ name: Name, _ entries: inout DirectoryEntries) -> Level? {
        guard let directory = try? parent.openDirectory(name, .noFollow) else { return nil }
        var level = Level(directory: directory)
        while (try? entries.read(from: directory)) == true {
            entries.forEach { entry in
                found.add(1, ordering: .relaxed)
                if entry.kind == .directory { level.pending.append(entry.name) }
            }
        }
        return level
    }
}
