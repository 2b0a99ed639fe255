/// Finds the windows, 32 bytes long, that are all digits of Nix's base 32.
enum DigitWindows {
    /// Calls `body` with the start of each window that begins in `starts`; those of a longer run overlap.
    ///
    /// It looks at a window from its end: a byte that is no digit rules out every window that it is in, so that of
    /// bytes that are anything only one in 32 is looked at, and none is twice, however long the runs are. Source: Boyer
    /// and Moore, 'A fast string searching algorithm', CACM 20 (1977).
    @inline(__always)
    static func forEach(in bytes: UnsafeRawBufferPointer, _ starts: Range<Int>, _ body: (Int) -> Void) {
        guard let base = bytes.baseAddress else { return }
        let end = min(starts.upperBound, bytes.count - HashPart.length + 1)
        HashPart.isDigit.withUnsafeBufferPointer { isDigit in
            guard let isDigit = isDigit.baseAddress else { return }
            var start = starts.lowerBound
            // From `start` up to here all are digits.
            var known = start
            while start < end {
                var place = start + HashPart.length
                while place > known, isDigit[Int(base.load(fromByteOffset: place - 1, as: UInt8.self))] { place -= 1 }
                let isWindow = place == known
                known = start + HashPart.length
                if isWindow { body(start) }
                start = isWindow ? start + 1 : place
            }
        }
    }
}
