/// What Nix knows of a tree's content: the hash of its archive, and how long that would be.
public struct NarDigest: Hashable, Sendable {
    /// The SHA-256 of the archive.
    public let hash: NarHash
    /// The size of the archive in bytes.
    public let size: UInt64

    /// A hash and a size that belong together.
    public init(hash: NarHash, size: UInt64) {
        self.hash = hash
        self.size = size
    }
}
