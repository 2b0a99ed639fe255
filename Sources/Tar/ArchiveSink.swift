import SystemCalls

/// What an archive is written into, by several workers at their places.
protocol ArchiveSink: AnyObject, Sendable {
    /// Writes bytes at their place.
    func write(_ bytes: UnsafeRawBufferPointer, at offset: Int64) throws(Errno)

    /// Has bytes of their place filled by `read`, which gets no more than the scratch room's size at a time.
    func fill(
        _ count: Int64, at offset: Int64, _ scratch: UnsafeMutableRawBufferPointer,
        _ read: (UnsafeMutableRawBufferPointer) throws(ArchiveError) -> Void
    ) throws(SinkError)

    /// Shares extents of the file from its start, as far as blocks and file systems allow, and returns how many bytes.
    func share(_ file: borrowing Descriptor, _ size: Int64, at offset: Int64) throws(Errno) -> Int64

    /// What was shared so far, and why no more can be.
    var sharing: Sharing { get }

    /// Nobody waits any more: the archive is given up.
    func abandon()

    /// All is written: so many bytes.
    func finish(_ size: Int64) throws(Errno)
}

/// Extents that an archive shares with what is in it.
struct Sharing {
    var bytes: Int64 = 0
    var refusal: Errno?
}

/// Which side failed: the archive, or what goes into it.
enum SinkError: Error {
    case archive(Errno)
    case source(ArchiveError)
}

extension ArchiveSink {
    func write(_ bytes: [UInt8], at offset: Int64) throws(Errno) {
        try bytes.withUnsafeBufferPointer { bytes throws(Errno) in
            try write(UnsafeRawBufferPointer(bytes), at: offset)
        }
    }

    func share(_ file: borrowing Descriptor, _ size: Int64, at offset: Int64) throws(Errno) -> Int64 { 0 }
    var sharing: Sharing { Sharing() }

    func abandon() {}
}
