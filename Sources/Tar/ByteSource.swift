package import SystemCalls

/// Bytes that come one after the other.
package protocol ByteSource: AnyObject {
    /// Fills the buffer, or some of its beginning; 0 at the end.
    func read(into buffer: UnsafeMutableRawBufferPointer) throws(ArchiveError) -> Int

    /// Passes over so many bytes, or as many of them as need not be read for it. Returns how many that were.
    func skip(_ count: Int64) throws(ArchiveError) -> Int64
}

extension ByteSource {
    package func skip(_ count: Int64) throws(ArchiveError) -> Int64 { 0 }
}

/// A part of a file.
package final class FilePart: ByteSource {
    private let file: Descriptor
    private let path: Path
    private var next: Int64
    private let end: Int64

    /// The bytes in that range, as far as the file has them.
    package init(_ file: consuming Descriptor, named path: Path, _ range: Range<Int64>) {
        self.file = file
        self.path = path
        next = range.lowerBound
        end = range.upperBound
    }

    /// All of a file that is there.
    package convenience init(_ path: Path) throws(ArchiveError) {
        let file = try attempt(.open, path) { () throws(Errno) in try Directory.current.openFile(Name(path)) }
        self.init(file, named: path, 0..<Int64.max)
    }

    package func read(into buffer: UnsafeMutableRawBufferPointer) throws(ArchiveError) -> Int {
        let room = UnsafeMutableRawBufferPointer(rebasing: buffer.prefix(Int(min(Int64(buffer.count), end - next))))
        let count = try attempt(.read, path) { () throws(Errno) in try file.read(into: room, at: next) }
        next += Int64(count)
        return count
    }

    /// What lies behind the end of the file is not passed over: so a size that is not true is found out.
    package func skip(_ count: Int64) throws(ArchiveError) -> Int64 {
        let size = try attempt(.inspect, path) { () throws(Errno) in try file.metadata().size }
        let passed = max(0, min(count, min(end, size) - next))
        next += passed
        return passed
    }
}
