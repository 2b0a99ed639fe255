import FileTree
public import SystemCalls

/// Writes an archive in the pax format, in parallel, whose bytes depend on its content and options alone.
public struct TarWriter: Sendable {
    private let items: [ArchiveItem]
    private let options: ArchiveOptions
    private let isCancelled: @Sendable () -> Bool
    /// Called for each member, in the order of the archive, before it is written.
    public var onMember: (@Sendable (Path) -> Void)?
    /// How far the archive is.
    public let progress = ArchiveProgress()

    /// A writer for these items, which may come in any order.
    ///
    /// - Parameter isCancelled: asked now and then, on any worker: true ends the run.
    public init(
        _ items: [ArchiveItem], _ options: ArchiveOptions = ArchiveOptions(),
        isCancelled: @escaping @Sendable () -> Bool = { false }
    ) throws(ArchiveError) {
        self.options = options
        self.isCancelled = isCancelled
        self.items = items.sorted { $0.path.walksBefore($1.path) }
        try Self.check(self.items)
    }

    /// Each name once, and nothing in what is no directory of the archive's own.
    private static func check(_ items: [ArchiveItem]) throws(ArchiveError) {
        for item in items where !item.isValid {
            throw ArchiveError(
                .refused("\(item.path.quoted) leads out of the archive; give a path without '..'"), item.path)
        }
        for (item, next) in zip(items, items.dropFirst()) {
            if item.path == next.path {
                throw ArchiveError(.refused("\(item.path.quoted) would be in the archive twice"), item.path)
            }
            guard next.path.hasPrefix(item.path) || item.path == "." else { continue }
            if item.content.isDirectory { continue }
            throw ArchiveError(
                .refused("\(next.path.quoted) cannot be added below \(item.path.quoted), which comes from elsewhere"),
                next.path)
        }
    }

    /// Writes the archive. If it throws, the file with the output's name is the one that existed before, unless the
    /// directory does not permit to replace a file, or the last step of `syncs` fails.
    ///
    /// - Parameter syncs: whether the archive is on disk before it gets its name, and its name is at the end.
    public func write(to output: ArchiveOutput, syncs: Bool = false) throws(ArchiveError) -> ArchiveReport {
        let begin = monotonicNanoseconds()
        var report =
            switch try output.open(syncs: syncs) {
            case .stream(let file): try write(toStream: file, output, syncs)
            case .file(let file): try write(toFile: file, output.path)
            }
        report.seconds = Double(monotonicNanoseconds() - begin) / 1e9
        return report
    }

    /// Writes the archive to a pipe, which is closed at the end.
    package func write(to pipe: consuming Descriptor, named path: Path) throws(ArchiveError) -> ArchiveReport {
        try run(stream(pipe, nil), ArchiveTarget(path: path))
    }

    /// Writes the archive to a file from its start, block by block, each seen by the observer in its turn.
    package func write(
        to file: consuming Descriptor, named path: Path, _ observer: any StreamObserver
    ) throws(ArchiveError) -> ArchiveReport {
        try run(stream(file, observer), ArchiveTarget(path: path))
    }

    private func write(toFile file: consuming UnpublishedFile, _ path: Path) throws(ArchiveError) -> ArchiveReport {
        do throws(ArchiveError) {
            let target = ArchiveTarget(path: path, identities: try file.identities())
            let report = try run(try sink(try file.duplicate(), path), target)
            try file.publish()
            return report
        } catch {
            file.discard()
            throw error
        }
    }

    private func write(
        toStream file: consuming Descriptor, _ output: ArchiveOutput, _ syncs: Bool
    ) throws(ArchiveError) -> ArchiveReport {
        let path = output.path
        let metadata = try attempt(.inspect, path) { () throws(Errno) in try file.metadata() }
        let target = ArchiveTarget(path: path, identities: metadata.kind == .regular ? [metadata.identity] : [])
        if !syncs { return try run(try sink(file, path), target) }
        let copy = try attempt(.open, path) { () throws(Errno) in try file.duplicate() }
        let report = try run(try sink(file, path), target)
        try output.sync(copy)
        return report
    }

    /// The one place that looks at what was opened: a regular file is written by all workers at their offsets, from the
    /// offset that it has. All others, and files that only append, get one byte after the other.
    private func sink(_ file: consuming Descriptor, _ path: Path) throws(ArchiveError) -> any ArchiveSink {
        let offset = try attempt(.inspect, path) { () throws(Errno) in try file.writableOffset() }
        guard let offset, options.compression == .none else { return stream(file, nil) }
        return FileSink(file, from: offset)
    }

    private func stream(_ file: consuming Descriptor, _ observer: (any StreamObserver)?) -> StreamSink {
        let packer: (any BlockPacker)? =
            switch options.compression {
            case .none: nil
            case .gzip(let level): GzipPacker(level: level)
            case .zstd(let level): ZstdPacker(level: level)
            }
        return StreamSink(file, packer, observer, width: width)
    }

    /// A worker may have a batch of large files open, and the directories that they are in.
    private var width: Int {
        let most = max(1, (ProcessState.descriptorLimit - 128) / 136)
        return max(1, min(most, options.workers ?? max(2, ProcessState.processors)))
    }

    private func run(_ sink: any ArchiveSink, _ target: ArchiveTarget) throws(ArchiveError) -> ArchiveReport {
        let run = ArchiveRun(
            items, options, into: sink, target,
            ArchiveWatch(progress: progress, isCancelled: isCancelled, onMember: onMember))
        WorkerThreads.run(width: width) { _ in
            var worker = ArchiveWorker(run)
            worker.work()
        }
        return try run.finish()
    }
}
