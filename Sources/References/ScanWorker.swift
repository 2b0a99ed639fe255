import FileTree
import SystemCalls

/// One worker of a scan, with the buffer that it reads into.
struct ScanWorker: ~Copyable {
    /// How much of a file is read at a time.
    private static let pieceSize = 256 << 10
    /// Files that are handed to another worker together, for handing over takes as long as reading a small one.
    private static let batchSize = 32

    private let run: ScanRun
    private let number: Int
    private var sought: HashDetector
    private let buffer: UnsafeMutableRawBufferPointer

    init(_ run: ScanRun, _ number: Int, _ sought: HashDetector) {
        let size = Self.pieceSize + HashDetector.reach
        self.run = run
        self.number = number
        self.sought = sought
        buffer = .allocate(byteCount: size, alignment: 4096)
    }

    deinit { buffer.deallocate() }

    mutating func take(_ job: ScanJob) {
        switch job {
        case .walk(let tree): walk(tree)
        case .entries(let entries): for entry in entries { scan(entry) }
        case .pieces(let file): scanRest(of: file)
        }
    }

    /// Continues after a failure, so that the reported one does not depend on which worker was first.
    private mutating func walk(_ tree: ScannedTree) {
        var walk = OrderedWalk(Name(tree.name), in: run.directory, run.access)
        var files: [ScanEntry] = []
        var count = 0
        while !run.isOver {
            do throws(WalkFailure) {
                guard let walked = try walk.next() else { break }
                let entry = ScanEntry(tree: tree, number: count, walked: walked)
                inspect(entry, &files)
            } catch { tree.note(error.error(in: run.place.appending(tree.name)), at: count) }
            count += 1
        }
        share(&files)
    }

    /// Scans an entry that has another type than the listed one: under its number, with all below it. Returns false if
    /// it has the listed type, so that a failure is a failure.
    private mutating func correct(_ entry: ScanEntry) -> Bool {
        guard !entry.isCorrected, entry.walked.hasOtherType else { return false }
        var walk = OrderedWalk(correcting: entry.walked, run.access)
        var files: [ScanEntry] = []
        while !run.isOver {
            do throws(WalkFailure) {
                guard let walked = try walk.next() else { break }
                let isCorrected = walked.path == entry.walked.path
                inspect(
                    ScanEntry(tree: entry.tree, number: entry.number, walked: walked, isCorrected: isCorrected), &files)
            } catch { entry.tree.note(error.error(in: run.place.appending(entry.tree.name)), at: entry.number) }
        }
        for file in files { scan(file) }
        return true
    }

    /// The name and the target here, the content of files later. The tree's own name is no part of it.
    private mutating func inspect(_ entry: ScanEntry, _ files: inout [ScanEntry]) {
        if entry.number > 0 { sought.scan(entry.walked.name.bytes) }
        switch entry.walked.kind {
        case .symlink:
            do throws(Errno) {
                sought.scan(try entry.walked.parent.readLink(entry.walked.name).bytes)
            } catch { if !correct(entry) { fail("cannot read symbolic link", entry, error) } }
        case .regular: files.append(entry)
        case .directory: break
        default: _ = correct(entry)
        }
        note(entry)
        if files.count == Self.batchSize { share(&files) }
    }

    /// Leaves the files to a worker that has nothing to do; otherwise they are scanned at once.
    private mutating func share(_ files: inout [ScanEntry]) {
        if run.pool.isStarving {
            run.pool.push(.entries(files), by: number)
        } else {
            for file in files { scan(file) }
        }
        files.removeAll(keepingCapacity: true)
    }

    private mutating func scan(_ entry: ScanEntry) {
        if run.isOver { return }
        do throws(Errno) {
            let (parent, name) = (entry.walked.parent, entry.walked.name)
            let file = try run.access.open(.noFollow) { (options) throws(Errno) in try parent.openFile(name, options) }
            if try scanPiece(of: file, at: 0) { return note(entry) }
            note(entry)
            if let large = try LargeFile(file, entry, pieceSize: Self.pieceSize) { scanRest(of: large) }
        } catch { if !correct(entry) { fail("cannot read", entry, error) } }
    }

    /// As long as there are pieces, which others that have nothing else to do take too.
    private mutating func scanRest(of file: LargeFile) {
        do throws(Errno) {
            while !run.isOver, let start = try file.take() {
                if run.pool.isStarving { run.pool.push(.pieces(file), by: number) }
                if try scanPiece(of: file.file, at: start) { file.end() }
                note(file.entry)
            }
        } catch { fail("cannot read", file.entry, error) }
    }

    /// Looks at the windows that begin in the piece; true when the file ends in it, or within reach of it.
    ///
    /// Read, and not mapped: a file that is cut off meanwhile would end a program that has it mapped by SIGBUS.
    private mutating func scanPiece(of file: borrowing Descriptor, at start: Int64) throws(Errno) -> Bool {
        let room = UnsafeMutableRawBufferPointer(rebasing: buffer[..<(Self.pieceSize + HashDetector.reach)])
        let count = try file.read(into: room, at: start)
        sought.scan(UnsafeRawBufferPointer(rebasing: room[..<count]), 0..<Self.pieceSize)
        return count < room.count
    }

    private mutating func note(_ entry: ScanEntry) {
        if sought.found.isEmpty { return }
        run.note(sought.found, in: entry, by: number)
        sought.found.removeAll(keepingCapacity: true)
    }

    private func fail(_ operation: String, _ entry: ScanEntry, _ errno: Errno) {
        let path = run.place.appending(entry.tree.name).appending(entry.walked.path)
        entry.tree.note(PathError.failed(operation, path, errno), at: entry.number)
    }
}

extension Path {
    /// For a root, with its empty path, the receiver itself.
    fileprivate func appending(_ bytes: [UInt8]) -> Path { bytes.isEmpty ? self : appending(Path(bytes)) }
}

extension WalkFailure {
    fileprivate func error(in tree: Path) -> PathError {
        let operation =
            switch step {
            case .open: "cannot open"
            case .inspect: "cannot stat"
            case .list: "cannot list"
            }
        return PathError.failed(operation, tree.appending(path), errno)
    }
}
