package import SystemCalls

/// An archive on disk whose files are read in any order. A compressed archive is decompressed first, into a file
/// without a name that exists as long as this value.
package final class ArchiveFile: Sendable, Hashable {
    package let path: Path
    package let index: ArchiveIndex
    private let decompressed: Descriptor?

    /// Lists the files of an archive.
    ///
    /// - Parameter isCancelled: called often while the archive is decompressed; if it returns true, that ends.
    /// - Throws: An error if the archive cannot be read, or if there is no room for its decompressed content.
    package init(
        _ path: Path, ending: TarReader.Ending, isCancelled: () -> Bool = { Interrupt.signal != nil }
    ) throws(ArchiveError) {
        self.path = path
        let file = try attempt(.open, path) { () throws(Errno) in try Directory.current.openFile(Name(path)) }
        guard try attempt(.inspect, path, { () throws(Errno) in try file.metadata().kind }) == .regular else {
            throw .refused(
                path,
                "\(path.quoted) is not a regular file, and its parts are read in any order; save it as a regular file")
        }
        let packing = Packing(beginning: try Self.beginning(of: file, path))
        let source = FilePart(file, named: path, 0..<Int64.max)
        if packing == .none {
            decompressed = nil
            index = try ArchiveIndex(source, named: path, ending: ending)
            return
        }
        let copy = try Self.copy(try packing.unpacked(source, named: path), path, isCancelled)
        let bytes: Descriptor
        do throws(Errno) { bytes = try copy.duplicate() } catch { throw ArchiveError(.open, error, path) }
        decompressed = consume copy
        index = try ArchiveIndex(FilePart(bytes, named: path, 0..<Int64.max), named: path, ending: ending)
    }

    /// Opens the uncompressed archive.
    package func open() throws(Errno) -> Descriptor {
        switch decompressed {
        case .some(let copy): try copy.duplicate()
        case .none: try Directory.current.openFile(Name(path))
        }
    }

    package static func == (a: ArchiveFile, b: ArchiveFile) -> Bool { a === b }

    package func hash(into hasher: inout Hasher) { hasher.combine(ObjectIdentifier(self)) }

    private static func beginning(of file: borrowing Descriptor, _ path: Path) throws(ArchiveError) -> [UInt8] {
        let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: Packing.length, alignment: 1)
        defer { buffer.deallocate() }
        do throws(Errno) { return Array(buffer[..<(try file.read(into: buffer, at: 0))]) } catch {
            throw ArchiveError(.read, error, path)
        }
    }

    private static func copy(
        _ source: any ByteSource, _ path: Path, _ isCancelled: () -> Bool
    ) throws(ArchiveError) -> Descriptor {
        let directory = ProcessState.temporaryFolder
        func noRoom(_ error: Errno) -> ArchiveError {
            .refused(
                directory,
                "cannot decompress \(path.quoted) in \(directory.quoted): \(error.message); set TMPDIR to a directory with "
                    + "enough room")
        }
        let copy: Descriptor
        do throws(Errno) { copy = try Directory.current.openDirectory(Name(directory)).createTransient() } catch {
            throw noRoom(error)
        }
        let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 1 << 20, alignment: 4096)
        defer { buffer.deallocate() }
        var end: Int64 = 0
        while true {
            if isCancelled() { throw ArchiveError(.cancelled, path) }
            let count = try source.read(into: buffer)
            if count == 0 { return copy }
            do throws(Errno) {
                try copy.write(all: UnsafeRawBufferPointer(rebasing: buffer[..<count]), at: end)
            } catch { throw noRoom(error) }
            end += Int64(count)
        }
    }
}
