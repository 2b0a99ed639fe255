/// A tree of every kind of entry, determined by its seed alone.
///
/// Each `Feature` the shape allows occurs at least once; beyond that chance decides. Every entry is given
/// its times, so that the same seed makes the same tree at any moment.
public struct RandomTree: Sendable {
    /// What determines the tree, together with the shape.
    public let seed: UInt64
    /// What may occur in it.
    public let shape: Shape

    /// Describes the tree; `build` makes it.
    public init(seed: UInt64, shape: Shape) {
        self.seed = seed
        self.shape = shape
    }

    /// Builds the tree at `path`, a directory that is made if need be.
    public func build(at path: ByteString) throws {
        try TreeBuilder.build(at: path) { tree in
            var growth = RandomGrowth(seed: seed, shape: shape, tree: tree)
            try growth.run()
        }
    }

    /// What a random tree is made of.
    public struct Shape: Sendable {
        /// How many entries, roughly: a hard link brings its target along.
        public var entries: ClosedRange<Int> = 50...300
        /// How deep directories may lie.
        public var depth = 8
        /// What must occur at least once, and may more often.
        public var features: Set<Feature>

        /// A shape with these features and the usual size.
        public init(features: Set<Feature>) {
            self.features = features
        }

        /// Everything there is; needs root and, but for the features removed, a file system that takes it.
        public static let asRoot = Shape(features: Set(Feature.allCases))

        /// What an ordinary user may make and read.
        public static let asUser = Shape(features: Set(Feature.allCases).subtracting(Feature.forRootOnly))

        /// The same shape without some features, for file systems that lack them.
        public func without(_ features: Feature...) -> Shape {
            var shape = self
            shape.features.subtract(features)
            return shape
        }

        /// The same shape with another number of entries.
        public func entries(_ range: ClosedRange<Int>) -> Shape {
            var shape = self
            shape.entries = range
            return shape
        }
    }

    /// Something a copier may get wrong.
    public enum Feature: String, Sendable, CaseIterable {
        case directory, file, sparseFile
        case link, danglingLink, longLink
        case fifo, socket
        case hardLink, linkedLink, linkedFifo
        case oddName, longName
        case setIdFile, stickyDirectory, setGroupDirectory, readOnlyDirectory, readOnlyFile
        case ancientTime, futureTime
        case userAttribute, largeAttribute, accessList, defaultAccessList
        case owner, characterDevice, blockDevice, trustedAttribute, attributedLink, capability, unreadable

        /// What takes root to make, or to read.
        public static let forRootOnly: Set<Feature> = [
            .owner, .characterDevice, .blockDevice, .trustedAttribute, .attributedLink, .capability,
            .unreadable,
        ]
    }

    /// Sizes where copiers change their ways: pages, pipes, buffers.
    public static let edgeSizes = [0, 1, 4095, 4096, 4097, 65536, 262_143, 262_144, 262_145, (1 << 20) + 1]
}
