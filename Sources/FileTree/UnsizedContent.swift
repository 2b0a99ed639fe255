package import SystemCalls

/// The content of a file whose size is known only at its end, read up to there: a file of procfs, which has the size 0,
/// or of a file system that reports a wrong size.
package enum UnsizedContent: ~Copyable {
    /// The bytes, in memory.
    case bytes([UInt8])
    /// A temporary file without a name, and its size.
    case file(Descriptor, size: Int64)

    /// A failure to read the content or to keep it.
    package enum Failure: Error {
        case source(Errno)
        case temporaryFile(Errno)
        case cancelled
    }

    private static let maxBytesInMemory = 1 << 20
    /// A multiple of all record sizes, since some files refuse other counts.
    private static let bufferSize = 64 * 1024

    /// Reads all that is left of the file.
    ///
    /// - Parameters:
    ///   - beginning: the bytes that have been read from the file already.
    ///   - file: the file, at the offset after these bytes.
    package init(
        _ beginning: UnsafeRawBufferPointer, thenRestOf file: borrowing Descriptor, isCancelled: () -> Bool
    ) throws(Failure) {
        var bytes = Array(beginning)
        let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: Self.bufferSize, alignment: 4096)
        defer { buffer.deallocate() }
        while bytes.count <= Self.maxBytesInMemory {
            let part = try Self.read(file, into: buffer, isCancelled)
            if part.isEmpty {
                self = .bytes(bytes)
                return
            }
            bytes += part
        }
        self = try Self.spool(bytes, file, buffer, isCancelled)
    }

    private static func spool(
        _ beginning: [UInt8], _ file: borrowing Descriptor, _ buffer: UnsafeMutableRawBufferPointer,
        _ isCancelled: () -> Bool
    ) throws(Failure) -> UnsizedContent {
        let copy = try temporaryFile()
        do throws(Errno) { try copy.write(all: beginning) } catch { throw .temporaryFile(error) }
        var size = Int64(beginning.count)
        while true {
            let part = try read(file, into: buffer, isCancelled)
            if part.isEmpty { return .file(copy, size: size) }
            do throws(Errno) { try copy.write(all: part) } catch { throw .temporaryFile(error) }
            size += Int64(part.count)
        }
    }

    private static func temporaryFile() throws(Failure) -> Descriptor {
        do throws(Errno) {
            return try Directory.current.openDirectory(Name(ProcessState.temporaryFolder)).createTransient()
        } catch { throw .temporaryFile(error) }
    }

    /// The next bytes; none at the end of the file.
    private static func read(
        _ file: borrowing Descriptor, into buffer: UnsafeMutableRawBufferPointer, _ isCancelled: () -> Bool
    ) throws(Failure) -> UnsafeRawBufferPointer {
        if isCancelled() { throw .cancelled }
        do throws(Errno) {
            return UnsafeRawBufferPointer(rebasing: buffer[..<(try file.read(into: buffer))])
        } catch { throw .source(error) }
    }
}
