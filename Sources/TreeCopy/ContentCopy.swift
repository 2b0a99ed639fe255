import FileTree
import SystemCalls

/// The bytes of one file. No loop trusts the size that was read first: it bounds the work, and what
/// comes beyond or stays short of it is a file that changed.
struct ContentCopy {
    /// Room for a piece of a large file, or for the largest small one and a byte more.
    let buffer: UnsafeMutableRawBufferPointer
    let run: CopyRun
    let ladder: StrategyLadder
    let readAhead: ReadAhead

    private static let grew = Failure.changed("it grew")
    private static let shrank = Failure.changed("it was truncated")
    /// The most that one copy_file_range(2) is asked for, so that an interruption is seen within a moment.
    private static let rangeBytes = 32 * 1024 * 1024

    /// One read that asks for a byte more than there should be, and one write.
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
        if expected == 0, filled > 0 { return try copyUnsized(source, to: destination, begun: filled, metadata) }
        // A file below /sys says 4096 and has less: it is the same before and after.
        if filled < expected { try refuseChanged(source, metadata) }
        if filled > expected { throw Self.grew }
        if filled > 0 { try write(slice(0, filled), to: destination) }
    }

    /// A file below /proc says 0 and is read until it ends; it still says 0 then, unlike one that grew.
    private func copyUnsized(
        _ source: borrowing Descriptor, to destination: borrowing Descriptor, begun: Int, _ metadata: Metadata
    ) throws(Failure) {
        var filled = begun
        while filled > 0 {
            try refuseChanged(source, metadata)
            try write(slice(0, filled), to: destination)
            try stopIfOver()
            filled = try read(source, into: buffer)
        }
    }

    /// Inside the kernel as far as it can; then a look whether the file is still the one it was.
    func copyLarge(
        _ source: borrowing Descriptor, to destination: borrowing Descriptor, _ metadata: Metadata
    ) throws(Failure) {
        _ = try copyRange(source, to: destination, count: metadata.size, metadata)
        guard try read(source, into: slice(0, 1)) == 0 else { throw Self.grew }
        try refuseChanged(source, metadata)
    }

    /// Only the parts that hold data; the holes between them stay holes.
    func copyExtents(
        _ source: borrowing Descriptor, to destination: borrowing Descriptor, _ metadata: Metadata
    ) throws(Failure) {
        var offset: Int64 = 0
        while offset < metadata.size {
            guard let data = try attempt(.read, .source, { () throws(Errno) in try source.nextData(from: offset) }),
                data < metadata.size
            else { break }
            let hole = try attempt(.read, .source) { () throws(Errno) in try source.nextHole(from: data) }
            guard hole > data else { throw Self.shrank }
            try attempt(.read, .source) { () throws(Errno) in try source.seek(to: data) }
            if data > 0 {
                try attempt(.write, .destination) { () throws(Errno) in try destination.seek(to: data) }
            }
            let count = min(hole, metadata.size) - data
            if try copyRange(source, to: destination, count: count, metadata) < count { return }
            offset = hole
        }
        if offset < metadata.size {
            try attempt(.write, .destination) { () throws(Errno) in try destination.truncate(to: metadata.size) }
        }
        try refuseChanged(source, metadata)
    }

    /// Reads everything and leaves out blocks of zeros.
    func copySkippingZeros(
        _ source: borrowing Descriptor, to destination: borrowing Descriptor, _ metadata: Metadata
    ) throws(Failure) {
        var total: Int64 = 0
        var endsWithHole = false
        while true {
            try stopIfOver()
            let filled = try read(source, into: slice(0, Worker.bufferBytes))
            if filled == 0 { break }
            for start in stride(from: 0, to: filled, by: 4096) {
                let block = slice(start, min(start + 4096, filled))
                endsWithHole = block.allSatisfy { $0 == 0 }
                if endsWithHole {
                    let next = total + Int64(start + block.count)
                    try attempt(.write, .destination) { () throws(Errno) in try destination.seek(to: next) }
                } else {
                    try write(block, to: destination)
                }
            }
            total += Int64(filled)
            if metadata.size > 0, total > metadata.size { throw Self.grew }
        }
        if endsWithHole {
            try attempt(.write, .destination) { () throws(Errno) in try destination.truncate(to: total) }
        }
        try refuseChanged(source, metadata)
    }

    /// Where the file system has reflinks, copy_file_range(2) shares extents, and with them their holes.
    private var mayShare: Bool { run.options.strategy != .copy && run.options.sparse == .auto }

    /// Copies that many bytes at both offsets and returns how many there were. 0 bytes from the kernel is
    /// looked into with a read: data is a kernel that cannot do this, and no more data is a file that was
    /// truncated, or one below /sys, whose size is the same before and after.
    private func copyRange(
        _ source: borrowing Descriptor, to destination: borrowing Descriptor, count: Int64, _ metadata: Metadata
    ) throws(Failure) -> Int64 {
        var left = count
        while left > 0, mayShare, ladder.range.isOpen {
            try stopIfOver()
            let moved: Int
            do throws(Errno) {
                moved = try destination.copyRange(from: source, count: Int(min(left, Int64(Self.rangeBytes))))
            } catch {
                guard error.refusesRange else { throw .failed(.write, error, .destination) }
                ladder.range.noteRefusal(error)
                break
            }
            if moved == 0 { break }
            ladder.range.noteSuccess()
            left -= Int64(moved)
        }
        left -= try copyBuffered(source, to: destination, count: left)
        if left > 0 { try refuseChanged(source, metadata) }
        return count - left
    }

    private func copyBuffered(
        _ source: borrowing Descriptor, to destination: borrowing Descriptor, count: Int64
    ) throws(Failure) -> Int64 {
        var left = count
        while left > 0 {
            try stopIfOver()
            let filled = try read(source, into: slice(0, Int(min(left, Int64(Worker.bufferBytes)))))
            if filled == 0 { break }
            try write(slice(0, filled), to: destination)
            left -= Int64(filled)
        }
        return count - left
    }

    /// A file that was written to in place has another size or time; one that was replaced has no name.
    /// Each write to a FIFO gives it another time.
    private func refuseChanged(_ source: borrowing Descriptor, _ before: Metadata) throws(Failure) {
        guard before.kind == .regular else { return }
        let now = try attempt(.inspect, .source) { () throws(Errno) in try source.metadata() }
        if now.size != before.size { throw now.size > before.size ? Self.grew : Self.shrank }
        if now.modified != before.modified { throw .changed("it was written to") }
        if now.links == 0, before.links > 0 { throw .changed("it was replaced") }
    }

    private func stopIfOver() throws(Failure) {
        run.pool.considerOthers()
        if run.isOver { throw Failure(reason: .cancelled, side: .source) }
    }

    private func slice(_ start: Int, _ end: Int) -> UnsafeMutableRawBufferPointer {
        UnsafeMutableRawBufferPointer(rebasing: buffer[start..<end])
    }

    /// The first read of a small file tells whether it had to come from the disk, at the price of any read. That there
    /// is nothing is not believed: Linux 5.9 and 5.10 may say so before the end. Source: preadv2(2), BUGS.
    private func readFirst(
        _ source: borrowing Descriptor, _ expected: Int
    ) throws(Failure) -> Int {
        let bytes = slice(0, expected + 1)
        guard ladder.cachedRead.isOpen else { return try read(source, into: bytes) }
        switch try attempt(.read, .source, { () throws(Errno) in try source.readCached(into: bytes) }) {
        case .bytes(let count) where count > 0 || expected == 0: return count
        case .bytes: break
        case .notCached: readAhead.isCold = true
        case .unsupported(let errno): ladder.cachedRead.noteRefusal(errno)
        }
        return try read(source, into: bytes)
    }

    private func read(
        _ source: borrowing Descriptor, into bytes: UnsafeMutableRawBufferPointer
    ) throws(Failure) -> Int {
        do throws(Errno) { return try source.read(into: bytes) } catch { throw .failed(.read, error, .source) }
    }

    private func write(
        _ bytes: UnsafeMutableRawBufferPointer, to destination: borrowing Descriptor
    ) throws(Failure) {
        do throws(Errno) { try destination.write(all: UnsafeRawBufferPointer(bytes)) } catch {
            throw .failed(.write, error, .destination)
        }
    }
}
