/// Finds known hash parts, by their numbers; each worker has its own.
struct HashDetector: Sendable {
    /// How many bytes after the first byte of a window it has to see.
    static let reach = HashPart.length - 1

    /// What was found since it was last emptied.
    var found: Set<Int> = []
    private let known: KnownHashes
    /// In a run of one digit, the same part may be found at every byte.
    private var last = -1

    init(_ known: KnownHashes) { self.known = known }

    /// Looks at all of something that stands for itself, such as a name.
    mutating func scan(_ bytes: [UInt8]) { bytes.withUnsafeBytes { scan($0, 0..<$0.count) } }

    /// Looks at the windows that begin in `starts`.
    mutating func scan(_ bytes: UnsafeRawBufferPointer, _ starts: Range<Int>) {
        guard let base = bytes.baseAddress else { return }
        last = -1
        DigitWindows.forEach(in: bytes, starts) { start in
            guard let part = known.find(base + start), part != last else { return }
            last = part
            found.insert(part)
        }
    }
}
