import SystemCalls

extension ContentCopy {
    /// The unit in which zeros are looked for: the block size of most file systems.
    private static let blockBytes = 4096

    /// Reads everything and leaves holes where whole blocks are zero.
    func copySkippingZeros(
        _ source: borrowing Descriptor, to destination: borrowing Descriptor, _ metadata: Metadata
    ) throws(Failure) {
        try clear(destination)
        var total: Int64 = 0
        var endsWithHole = false
        while true {
            try stopIfOver()
            let filled = try read(source, into: slice(0, pieceBytes))
            if filled == 0 { break }
            endsWithHole = try writeNonZeros(filled, to: destination, at: total)
            total += Int64(filled)
            if metadata.size > 0, total > metadata.size {
                _ = try hasContentBeyondSize(source, metadata, isCleared: true)
            }
        }
        if endsWithHole {
            try attempt(.write, .destination) { () throws(Errno) in try destination.truncate(to: total) }
        }
        try refuseChanged(source, metadata, isCleared: true)
    }

    /// Writes those blocks at the start of the buffer that are not all zeros. Returns whether the last one was left out.
    private func writeNonZeros(
        _ filled: Int, to destination: borrowing Descriptor, at offset: Int64
    ) throws(Failure) -> Bool {
        var start = 0
        var endsWithHole = false
        while start < filled {
            endsWithHole = isZero(start, filled)
            var end = start
            while end < filled, isZero(end, filled) == endsWithHole { end = min(end + Self.blockBytes, filled) }
            if !endsWithHole {
                try write(UnsafeRawBufferPointer(slice(start, end)), to: destination, at: offset + Int64(start))
            }
            start = end
        }
        return endsWithHole
    }

    /// Copies that many bytes from an offset to the same one without blocks of zeros, and returns how many there were.
    func copyRangeSkippingZeros(
        _ source: borrowing Descriptor, to destination: borrowing Descriptor, count: Int64, at offset: Int64
    ) throws(Failure) -> Int64 {
        var done: Int64 = 0
        while done < count {
            try stopIfOver()
            let piece = slice(0, Int(min(count - done, Int64(pieceBytes))))
            let filled = try read(source, into: piece, at: offset + done)
            if filled == 0 { break }
            _ = try writeNonZeros(filled, to: destination, at: offset + done)
            done += Int64(filled)
        }
        return done
    }

    private func isZero(_ start: Int, _ filled: Int) -> Bool {
        let block = UnsafeRawBufferPointer(rebasing: buffer[start..<min(start + Self.blockBytes, filled)])
        guard block.first == 0 else { return false }
        return UnsafeRawBufferPointer(rebasing: block.dropFirst())
            .hasSameBytes(as: UnsafeRawBufferPointer(rebasing: block.dropLast()))
    }
}
