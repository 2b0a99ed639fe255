import TestSupport

/// Folders one within the other, several such chains side by side.
struct DeepChains {
    let levels: Int
    let chains: Int

    /// Goes down one name at a time, as the whole path may be longer than the kernel takes.
    func build(at path: ByteString) throws {
        try OpenFolder.make(path)
        var random = SplitMix64(seed: 1)
        let top = try OpenFolder(path)
        for chain in 0..<chains {
            var folder = try top.folder("\(chain)")
            for level in 1...levels {
                for name: ByteString in ["a", "b"] { try folder.file(name, random.bytes(1000)) }
                if level < levels { folder = try folder.folder("d") }
            }
        }
    }
}
