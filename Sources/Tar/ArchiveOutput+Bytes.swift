import SystemCalls

extension ArchiveOutput {
    /// Whether it is what the program itself prints to.
    package var isStandardOutput: Bool {
        switch self {
        case .file(let path): Self.isStandardOutput(path)
        case .standardOutput: true
        }
    }

    /// Writes something small as archives are written: a file appears under its name when it is whole, and what is no
    /// regular file is written to as it is.
    package func write(_ bytes: [UInt8]) throws(ArchiveError) {
        guard case .file(let path) = self, !isStandardOutput else {
            let output = Self.standardOutput.path
            return try Self.write(
                bytes, to: try attempt(.open, output) { () throws(Errno) in try Console.duplicate(.output) }, output)
        }
        if Self.isSpecial(path) {
            return try Self.write(
                bytes,
                to: try attempt(.open, path) { () throws(Errno) in try Directory.current.openStream(Name(path)) }, path)
        }
        let unpublished = try UnpublishedFile.make(try Self.target(of: path))
        do throws(ArchiveError) {
            try Self.write(bytes, to: try unpublished.duplicate(), path)
            try unpublished.publish()
        } catch {
            unpublished.discard()
            throw error
        }
    }

    private static func write(_ bytes: [UInt8], to file: consuming Descriptor, _ path: Path) throws(ArchiveError) {
        do throws(Errno) {
            try file.write(all: bytes)
            try file.close()
        } catch { throw ArchiveError(.write, error, path) }
    }
}
