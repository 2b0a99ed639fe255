import SystemCalls

/// Compares an existing atomic root with its source: names, kinds, metadata that the options keep, targets and bytes.
///
/// It keeps two directories open for each level. If descriptors run out or an entry cannot be read, the copy does not
/// count as equal and is made again.
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
        (try? isEqual(name, copies, source, sources, Path(""))) ?? false
    }

    private func isEqual(
        _ name: Name, _ copies: Directory, _ source: Name, _ sources: Directory, _ path: Path
    ) throws(Errno) -> Bool {
        if isOver() { return false }
        let copy = try copies.metadata(of: name, following: false)
        let follows = options.dereference == .always || (path.bytes.isEmpty && options.dereference == .operands)
        let original = try sources.metadata(of: source, following: follows)
        if copy.identity == original.identity { return true }
        guard options.isComplete(copy, copyOf: original) else { return false }
        return switch copy.kind {
        case .directory:
            try haveEqualEntries(
                try copies.openDirectory(name, .noFollow),
                try sources.openDirectory(source, follows ? .none : .noFollow), path)
        case .regular:
            try haveEqualBytes(
                try copies.openFile(name, .noFollow), try sources.openFile(source, follows ? .none : .noFollow))
        case .symlink: try copies.readLink(name) == sources.readLink(source)
        default: true
        }
    }

    private func haveEqualEntries(_ copies: Directory, _ sources: Directory, _ path: Path) throws(Errno) -> Bool {
        let names = try Self.names(in: copies)
        guard names == (try Self.names(in: sources)).filter({ !excluded.contains(path.appending($0)) }) else {
            return false
        }
        for name in names {
            guard try isEqual(name, copies, name, sources, path.appending(name)) else { return false }
        }
        return true
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
