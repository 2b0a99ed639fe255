import SystemCalls

extension ArchiveOutput {
    /// Writes a small document as archives are written: a file appears under its name when it is complete, and anything
    /// else is written as it is.
    package func write(_ bytes: [UInt8]) throws(ArchiveError) {
        switch try open() {
        case .stream(let file): try Self.write(bytes, to: file, path)
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
