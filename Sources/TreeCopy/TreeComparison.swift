import SystemCalls

/// Compares an existing atomic root with its source: names, kinds, metadata that the options keep, targets and bytes.
///
/// It has at most two files open, however deep the tree is. A copy that cannot be read does not count as equal and is
/// made again.
struct TreeComparison: ~Copyable {
    private static let chunkSize = 256 * 1024

    private let options: CopyOptions
    private let excluded: Set<Path>
    private let isOver: () -> Bool
    private let buffers = (
        UnsafeMutableRawBufferPointer.allocate(byteCount: chunkSize, alignment: 4096),
        UnsafeMutableRawBufferPointer.allocate(byteCount: chunkSize, alignment: 4096)
    )

    /// - Parameters:
    ///   - excluded: the paths of entries that the copy does not have, relative to the root.
    ///   - isOver: called often; if it returns true, the comparison ends and the copy does not count as equal.
    init(_ options: CopyOptions, excluded: Set<Path>, isOver: @escaping () -> Bool) {
        self.options = options
        self.excluded = excluded
        self.isOver = isOver
    }

    deinit {
        buffers.0.deallocate()
        buffers.1.deallocate()
    }

    /// Whether the entry in `copies` is a complete copy of that in `sources`, with all that is below it.
    func isEqual(_ name: Name, in copies: Directory, to source: Name, in sources: Directory) -> Bool {
        var pending = [Path([])]
        while let path = pending.popLast() {
            let copy = Location(copies, Path(name.bytes), path)
            let original = Location(sources, Path(source.bytes), path)
            guard let below = try? entries(of: copy, ifEqualTo: original, path) else { return false }
            pending += below
        }
        return true
    }

    /// A path below an open directory.
    private struct Location {
        let directory: Directory
        let name: Name

        init(_ directory: Directory, _ root: Path, _ path: Path) {
            self.directory = directory
            name = Name(path.bytes.isEmpty ? root : root.appending(path))
        }
    }

    /// The paths of the entries in a copy, without those below them; nil if the copy is not equal.
    private func entries(
        of copy: Location, ifEqualTo original: Location, _ path: Path
    ) throws(Errno) -> [Path]? {
        if isOver() { return nil }
        let isFollowed = options.dereference == .always || (path.bytes.isEmpty && options.dereference == .operands)
        let found = try copy.directory.metadata(of: copy.name, following: false)
        let wanted = try original.directory.metadata(of: original.name, following: isFollowed)
        if found.identity == wanted.identity { return [] }
        guard options.isComplete(found, copyOf: wanted) else { return nil }
        let follow: OpenOptions = isFollowed ? .none : .noFollow
        switch found.kind {
        case .directory:
            let names = try Self.names(in: try copy.directory.openDirectory(copy.name, .noFollow))
            let expected = try Self.names(in: try original.directory.openDirectory(original.name, follow))
            guard names == expected.filter({ !excluded.contains(path.appending($0)) }) else { return nil }
            return names.map { path.appending($0) }
        case .regular:
            let isEqual = try haveEqualBytes(
                try copy.directory.openFile(copy.name, .noFollow),
                try original.directory.openFile(original.name, follow))
            return isEqual ? [] : nil
        case .symlink:
            let target = try original.directory.readLink(original.name)
            return try copy.directory.readLink(copy.name) == target ? [] : nil
        default: return []
        }
    }

    private static func names(in directory: Directory) throws(Errno) -> [Name] {
        var entries = DirectoryEntries(capacity: 32768)
        var names: [Name] = []
        while try entries.read(from: directory) { entries.forEach { names.append($0.name) } }
        return names.sorted()
    }

    /// Compares files of equal size.
    private func haveEqualBytes(
        _ copy: consuming Descriptor, _ source: consuming Descriptor
    ) throws(Errno) -> Bool {
        var isEqual = true
        while isEqual {
            if isOver() { return false }
            let count = try Self.fill(buffers.0, from: copy)
            let expected = try Self.fill(buffers.1, from: source)
            isEqual = UnsafeRawBufferPointer(rebasing: buffers.0[..<count])
                .hasSameBytes(as: UnsafeRawBufferPointer(rebasing: buffers.1[..<expected]))
            if count < buffers.0.count { break }
        }
        try copy.close()
        try source.close()
        return isEqual
    }

    private static func fill(
        _ buffer: UnsafeMutableRawBufferPointer, from file: borrowing Descriptor
    ) throws(Errno) -> Int {
        var filled = 0
        while filled < buffer.count {
            let count = try file.read(into: UnsafeMutableRawBufferPointer(rebasing: buffer[filled...]))
            if count == 0 { break }
            filled += count
        }
        return filled
    }
}
