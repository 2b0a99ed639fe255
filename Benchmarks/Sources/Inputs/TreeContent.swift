import TestSupport

/// How much a tree has.
package struct TreeContent: Sendable {
    /// Regular files; one of several names counts as well as one of one.
    package let files: Int
    /// The folder itself and all below it.
    package let entries: Int
    /// In regular files.
    package let bytes: Int
    /// On a disk, in whole blocks.
    package let footprint: Int

    init(files: Int, entries: Int, bytes: Int, footprint: Int) {
        (self.files, self.entries, self.bytes, self.footprint) = (files, entries, bytes, footprint)
    }

    /// Counts what is there.
    init(of tree: ByteString) throws {
        let listing = try Command.succeed(["find", tree, "-printf", "%y%s\\n"]).output
        var (files, entries, bytes, footprint) = (0, 0, 0, 0)
        for line in listing.split(separator: UInt8(ascii: "\n")) {
            entries += 1
            guard line.first == UInt8(ascii: "f") else {
                footprint += line.first == UInt8(ascii: "d") ? 4096 : 0
                continue
            }
            let size = Int(String(decoding: line.dropFirst(), as: UTF8.self)) ?? 0
            files += 1
            bytes += size
            footprint += (size + 4095) & ~4095
        }
        self.init(files: files, entries: entries, bytes: bytes, footprint: footprint)
    }

    /// To be read by `init(_:)`.
    var line: String { "\(files) \(entries) \(bytes) \(footprint)" }

    init?(_ line: Substring) {
        let numbers = line.split(separator: " ").compactMap { Int($0) }
        guard numbers.count == 4 else { return nil }
        self.init(files: numbers[0], entries: numbers[1], bytes: numbers[2], footprint: numbers[3])
    }
}
