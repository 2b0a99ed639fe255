import SystemCalls

/// What a worker asks the disk for while it copies a batch: nothing until a read would have had to wait, then the
/// files that come next.
///
/// A worker that waits for one file after the other leaves a disk idle. Asking costs three calls a file, which is why
/// a warm cache is not asked for anything.
final class ReadAhead {
    /// Files that are asked for at a time; 64 are not read any faster.
    private static let files = 16
    /// Of each: the kernel itself reads ahead in what is read for longer.
    private static let bytes = Worker.smallBytes

    /// A file of this batch was not in the page cache.
    var isCold = false
    private var reached = 0

    func beginBatch() {
        isCold = false
        reached = 0
    }

    /// Before the entry at `index` is copied.
    func prepare(_ batch: [DirectoryEntry], from index: Int, in directory: Directory) {
        guard isCold, index >= reached else { return }
        reached = min(index + Self.files, batch.count)
        for entry in batch[index..<reached] where entry.kind == .regular { ask(for: entry, in: directory) }
    }

    /// What cannot be opened or read says so when it is copied.
    private func ask(for entry: DirectoryEntry, in directory: Directory) {
        guard let file = try? directory.openFile(entry.name, .noFollow) else { return }
        try? file.readAhead(count: Self.bytes)
    }
}
