public import Nar

/// What Nix knows of a store path.
public struct PathInfo: Hashable, Sendable {
    /// The store path.
    public let path: StorePath
    /// What it refers to, in byte order, itself included where it does.
    public let references: [StorePath]
    /// The hash of its content; nil where the source does not tell.
    public var narHash: NarHash?
    /// Its size as an archive, in bytes; nil where the source does not tell.
    public var narSize: UInt64?
    /// The derivation that it was built from.
    public var deriver: StorePath?

    /// A path and what it refers to, in any order.
    public init(_ path: StorePath, references: some Sequence<StorePath>) {
        self.path = path
        self.references = Set(references).sorted()
    }
}
