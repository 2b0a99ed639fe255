import FileTree
import SystemCalls

/// Copies the bytes of one file by reading and writing, or inside the kernel.
///
/// The size from the first stat bounds the work but is not trusted. A file has changed only if its size or its
/// modification time differs afterwards, and the time stands still. Called as `cp`, no change is an error.
struct ContentCopy {
    /// Room for a piece of a large file, or for the largest small file and one byte.
    let buffer: UnsafeMutableRawBufferPointer
    let run: CopyRun
    let ladder: StrategyLadder
    let readAhead: ReadAhead
    /// The destination existed, and its content is removed before the first byte is written.
    let replacesContent: Bool
    /// The number of bytes that are read at a time.
    let pieceBytes: Int

    /// The maximum for one copy_file_range(2), so that an interruption is noticed soon.
    private static let rangeBytes: Int64 = 32 * 1024 * 1024

    /// Copies a regular file with one read, which asks for a byte more than the size, and one write.
    func copySmall(
        _ source: borrowing Descriptor, to destination: borrowing Descriptor, _ metadata: Metadata
    ) throws(Failure) {
        let expected = Int(metadata.size)
        var filled = try readFirst(source, expected)
        while filled > 0, filled < expected {
            let more = try read(source, into: slice(filled, expected + 1))
            if more == 0 { break }
            filled += more
        }
        // A file below /sys can have a size of 4096 and fewer bytes.
        if filled < expected { try refuseChanged(source, metadata, isCleared: false) }
        let hasMore = filled > expected
        let continues = hasMore ? try hasContentBeyondSize(source, metadata, isCleared: false) : false
        try clear(destination)
        try write(slice(0, continues ? filled : min(filled, expected)), to: destination)
        if continues { try copyToEnd(source, to: destination) }
    }

    /// Copies a file whose size is 0 or unknown: pipes, devices and most files below /proc. Reads ask for as much
    /// as they can, since some files return an error or their end to smaller ones.
    func copyUnsized(
        _ source: borrowing Descriptor, to destination: borrowing Descriptor, _ metadata: Metadata
    ) throws(Failure) {
        try clear(destination)
        guard try copyToEnd(source, to: destination) > 0, metadata.kind == .regular else { return }
        _ = try hasContentBeyondSize(source, metadata, isCleared: true)
    }

    /// Copies a regular file inside the kernel as far as possible, then checks that it is unchanged.
    func copyLarge(
        _ source: borrowing Descriptor, to destination: borrowing Descriptor, _ metadata: Metadata
    ) throws(Failure) {
        try clear(destination)
        _ = try copyRange(source, to: destination, count: metadata.size, at: nil, metadata)
        let more = slice(0, Worker.smallBytes)
        let filled = try read(source, into: more)
        if filled > 0, try hasContentBeyondSize(source, metadata, isCleared: true) {
            try write(slice(0, filled), to: destination)
            try copyToEnd(source, to: destination)
        }
        try refuseChanged(source, metadata, isCleared: true)
    }

    /// Copies only the parts that hold data; the holes between them stay holes. With `skipsZeros`, blocks of zeros in the
    /// data become holes too.
    func copyExtents(
        _ source: borrowing Descriptor, to destination: borrowing Descriptor, _ metadata: Metadata, skipsZeros: Bool
    ) throws(Failure) {
        var next: Int64?
        do throws(Errno) { next = try source.nextData(from: 0) } catch {
            if error.isFatal { throw .failed(.read, error, .source) }
            return try copySkippingZeros(source, to: destination, metadata)
        }
        try clear(destination)
        var end: Int64 = 0
        while let data = next, data < metadata.size {
            let hole = try attempt(.read, .source) { () throws(Errno) in try source.nextHole(from: data) }
            guard hole > data else { throw changed("it was truncated", isCleared: true) }
            let count = min(hole, metadata.size) - data
            let copied =
                skipsZeros
                ? try copyRangeSkippingZeros(source, to: destination, count: count, at: data)
                : try copyRange(source, to: destination, count: count, at: data, metadata)
            if copied < count { return try refuseChanged(source, metadata, isCleared: true) }
            end = data + count
            guard end < metadata.size else { break }
            next = try attempt(.read, .source) { () throws(Errno) in try source.nextData(from: end) }
        }
        if end < metadata.size || skipsZeros {
            try attempt(.write, .destination) { () throws(Errno) in try destination.truncate(to: metadata.size) }
        }
        if end == metadata.size { try copyBeyondSize(source, to: destination, metadata) }
        try refuseChanged(source, metadata, isCleared: true)
    }

    /// Copies the content beyond a wrong size.
    private func copyBeyondSize(
        _ source: borrowing Descriptor, to destination: borrowing Descriptor, _ metadata: Metadata
    ) throws(Failure) {
        var end = metadata.size
        while true {
            let piece = slice(0, Worker.smallBytes)
            let filled = try read(source, into: piece, at: end)
            if filled == 0 { return }
            if end == metadata.size, try !hasContentBeyondSize(source, metadata, isCleared: true) { return }
            try write(UnsafeRawBufferPointer(slice(0, filled)), to: destination, at: end)
            end += Int64(filled)
            try stopIfOver()
        }
    }

    /// Removes the content that the destination had before.
    func clear(_ destination: borrowing Descriptor) throws(Failure) {
        guard replacesContent else { return }
        do throws(Errno) { try destination.truncate(to: 0) } catch { throw .failed(.create, error, .destination) }
    }

    /// Copies from the file offset to the end, and returns how many bytes there were.
    @discardableResult
    private func copyToEnd(
        _ source: borrowing Descriptor, to destination: borrowing Descriptor
    ) throws(Failure) -> Int64 {
        var total: Int64 = 0
        while true {
            try stopIfOver()
            let filled = try read(source, into: slice(0, Worker.smallBytes))
            if filled == 0 { return total }
            try write(slice(0, filled), to: destination)
            total += Int64(filled)
        }
    }

    /// Where the file system has reflinks, copy_file_range(2) shares extents, and with them their holes.
    private var mayShare: Bool { run.options.strategy != .copy && run.options.sparse == .auto }

    /// Copies that many bytes from an offset to the same one, or from the file offsets, and returns how many there
    /// were. If the kernel copies 0 bytes, a read decides whether it cannot do this or the file has ended.
    private func copyRange(
        _ source: borrowing Descriptor, to destination: borrowing Descriptor, count: Int64, at offset: Int64?,
        _ metadata: Metadata
    ) throws(Failure) -> Int64 {
        var done: Int64 = 0
        while done < count, mayShare, ladder.range.isOpen {
            try stopIfOver()
            let moved: Int
            do throws(Errno) {
                moved = try destination.copyRange(
                    from: source, count: Int(min(count - done, Self.rangeBytes)), at: offset.map { $0 + done })
            } catch {
                if error.isFatal { throw .failed(.write, error, .destination) }
                ladder.range.noteRefusal(error)
                break
            }
            if moved == 0 { break }
            ladder.range.noteSuccess()
            done += Int64(moved)
        }
        while done < count {
            try stopIfOver()
            let piece = slice(0, Int(min(count - done, Int64(pieceBytes))))
            let filled = try copyPiece(piece, source, to: destination, at: offset.map { $0 + done })
            if filled == 0 { break }
            done += Int64(filled)
        }
        if done < count { try refuseChanged(source, metadata, isCleared: true) }
        return done
    }

    private func copyPiece(
        _ piece: UnsafeMutableRawBufferPointer, _ source: borrowing Descriptor, to destination: borrowing Descriptor,
        at offset: Int64?
    ) throws(Failure) -> Int {
        guard let offset else {
            let filled = try read(source, into: piece)
            try write(slice(0, filled), to: destination)
            return filled
        }
        let filled = try read(source, into: piece, at: offset)
        try write(UnsafeRawBufferPointer(slice(0, filled)), to: destination, at: offset)
        return filled
    }

    func stopIfOver() throws(Failure) {
        run.pool.considerOthers()
        if run.isOver { throw Failure(reason: .cancelled, side: .source) }
    }

    func slice(_ start: Int, _ end: Int) -> UnsafeMutableRawBufferPointer {
        UnsafeMutableRawBufferPointer(rebasing: buffer[start..<end])
    }

    /// Makes the first read of a small file with RWF_NOWAIT, which reports whether the content has to come from the
    /// disk, at the cost of an ordinary read. The answer 0 is checked: Linux 5.9 and 5.10 may return it before the end.
    /// Source: preadv2(2), BUGS.
    private func readFirst(
        _ source: borrowing Descriptor, _ expected: Int
    ) throws(Failure) -> Int {
        let bytes = slice(0, expected + 1)
        guard ladder.cachedRead.isOpen else { return try read(source, into: bytes) }
        switch try attempt(.read, .source, { () throws(Errno) in try source.readCached(into: bytes) }) {
        case .bytes(let count) where count > 0: return count
        case .bytes: break
        case .notCached: readAhead.isCold = true
        case .unsupported(let errno): ladder.cachedRead.noteRefusal(errno)
        }
        return try read(source, into: bytes)
    }

    func read(
        _ source: borrowing Descriptor, into bytes: UnsafeMutableRawBufferPointer
    ) throws(Failure) -> Int {
        do throws(Errno) { return try source.read(into: bytes) } catch { throw .failed(.read, error, .source) }
    }

    /// pread(2), or where that is refused, lseek(2) and read(2).
    func read(
        _ source: borrowing Descriptor, into bytes: UnsafeMutableRawBufferPointer, at offset: Int64
    ) throws(Failure) -> Int {
        do throws(Errno) { return try source.read(into: bytes, at: offset) } catch {
            if error.isFatal { throw .failed(.read, error, .source) }
        }
        try attempt(.read, .source) { () throws(Errno) in try source.seek(to: offset) }
        return try read(source, into: bytes)
    }

    /// pwrite(2), or where that is refused, lseek(2) and write(2).
    func write(
        _ bytes: UnsafeRawBufferPointer, to destination: borrowing Descriptor, at offset: Int64
    ) throws(Failure) {
        do throws(Errno) { return try destination.write(all: bytes, at: offset) } catch {
            if error.isFatal { throw .failed(.write, error, .destination) }
        }
        try attempt(.write, .destination) { () throws(Errno) in
            try destination.seek(to: offset)
            try destination.write(all: bytes)
        }
    }

    private func write(
        _ bytes: UnsafeMutableRawBufferPointer, to destination: borrowing Descriptor
    ) throws(Failure) {
        do throws(Errno) { try destination.write(all: UnsafeRawBufferPointer(bytes)) } catch {
            throw .failed(.write, error, .destination)
        }
    }
}
