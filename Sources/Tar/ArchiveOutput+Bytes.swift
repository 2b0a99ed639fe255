import SystemCalls

extension ArchiveOutput {
    /// Writes a small document as archives are written: a file gets its name when it is complete, and a stream is written
    /// as it is.
    ///
    /// - Parameter syncs: whether to wait until the document is on disk, as for an archive.
    package func write(_ bytes: [UInt8], syncs: Bool = false) throws(ArchiveError) {
        switch try open(syncs: syncs) {
        case .stream(let file):
            do throws(Errno) { try file.write(all: bytes) } catch { throw ArchiveError(.write, error, path) }
            if syncs { try sync(file) }
            do throws(Errno) { try file.close() } catch { throw ArchiveError(.write, error, path) }
        case .file(let unpublished):
            do throws(ArchiveError) {
                try Self.write(bytes, to: try unpublished.duplicate(), path)
                try unpublished.publish()
            } catch {
                unpublished.discard()
                throw error
            }
        }
    }

    private static func write(_ bytes: [UInt8], to file: consuming Descriptor, _ path: Path) throws(ArchiveError) {
        do throws(Errno) {
            try file.write(all: bytes)
            try file.close()
        } catch { throw ArchiveError(.write, error, path) }
    }
}
