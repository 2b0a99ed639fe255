package import JSON
public import SystemCalls

/// An image that is there already, for what is built on top of it.
public struct StoredImage: Sendable {
    /// A layer and where its bytes are.
    package struct Layer: Hashable, Sendable {
        package let diffID: Digest
        /// In OCI's words, whoever wrote it.
        let descriptor: BlobDescriptor
        package let place: BlobPlace
    }

    /// Where it is.
    public let path: Path
    /// How it is run, as it says itself.
    package let configuration: JSONValue
    /// nil where an archive of Docker's has none.
    public let manifest: ImageManifest?
    package let layers: [Layer]

    /// The platform that its configuration states; nil if it states none.
    public var platform: Platform? { Platform(configuration) }

    /// How many layers it has.
    public var layerCount: Int { layers.count }

    /// Opens the image; of one for several platforms, the one that is the most suitable for this platform.
    public init(_ reference: ImageReference, for platform: Platform) throws(PathError) {
        switch reference {
        case .layout(let path, let tag):
            self = try Self.read(try ImageLayout(path, makes: false), path, tag, platform)
        case .layoutArchive(let path, let tag):
            self = try Self.read(try ArchivedLayout(path), path, tag, platform)
        case .dockerArchive(let path, let name):
            self = try DockerArchive(path).image(name)
        case .dockerDaemon(let name):
            throw PathError(
                Path(name),
                "an image of a daemon cannot be read: write it to a file first with 'docker save -o FILE \(name)', "
                    + "and name docker-archive:FILE")
        }
    }

    init(_ path: Path, _ configuration: JSONValue, _ layers: [Layer], _ manifest: ImageManifest? = nil) {
        self.path = path
        self.manifest = manifest
        self.configuration = configuration
        self.layers = layers
    }

    private static func read(
        _ source: some BlobSource, _ path: Path, _ tag: String, _ platform: Platform
    ) throws(PathError) -> StoredImage {
        let choice = ImageChoice(source, path, platform)
        return try StoredImage(
            try choice.manifest(of: try choice.tagged(tag, try source.index())), in: source, path)
    }

    /// The image of a manifest.
    init(_ manifest: ImageManifest, in source: some BlobSource, _ path: Path) throws(PathError) {
        let configuration = try ImageLayout.json(try source.read(manifest.config), path)
        let diffIDs = try Self.diffIDs(configuration, count: manifest.layers.count, path)
        var layers: [Layer] = []
        for (diffID, stored) in zip(diffIDs, manifest.layers) {
            guard let type = MediaType.layer(stored.mediaType)?.type else {
                throw .malformed(path, "a layer has the type '\(stored.mediaType)', which is no tar archive")
            }
            var descriptor = stored
            descriptor.mediaType = type
            layers.append(Layer(diffID: diffID, descriptor: descriptor, place: try source.place(of: stored)))
        }
        self.init(path, configuration, layers, manifest)
    }

    static func diffIDs(_ configuration: JSONValue, count: Int, _ path: Path) throws(PathError) -> [Digest] {
        let diffIDs = (configuration["rootfs"]?["diff_ids"]?.elements ?? []).compactMap {
            $0.string.flatMap { Digest($0) }
        }
        guard diffIDs.count == count else {
            throw .malformed(path, "its configuration names \(diffIDs.count) layers, and it has \(count)")
        }
        return diffIDs
    }
}

/// What blobs are read from.
protocol BlobSource: Sendable {
    /// What its index names.
    func index() throws(PathError) -> LayoutIndex
    /// A small blob, which is the one that its digest says.
    func read(_ descriptor: BlobDescriptor) throws(PathError) -> [UInt8]
    /// Where a blob is; its bytes are not looked at.
    func place(of descriptor: BlobDescriptor) throws(PathError) -> BlobPlace
}

extension ImageLayout: BlobSource {
    func read(_ descriptor: BlobDescriptor) throws(PathError) -> [UInt8] { try blobs.read(descriptor) }

    func place(of descriptor: BlobDescriptor) throws(PathError) -> BlobPlace {
        let file = blobs.path(of: descriptor.digest)
        guard blobs.has(descriptor.digest, size: descriptor.size) else {
            throw .malformed(file, "it is not there, or has another size; make or fetch the image anew")
        }
        return BlobPlace(file: file, range: 0..<descriptor.size, isWhole: true)
    }
}
