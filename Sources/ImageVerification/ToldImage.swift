import Image
import JSON
import SystemCalls
import Tar

/// A blob as the documents of an image describe it.
struct ToldBlob: Hashable, Sendable {
    /// Its digest, or its name in an archive.
    let name: String
    let place: FilePlace
    let digest: Digest?
    let size: Int64?
    /// The compression according to the media type; nil if the blob has none.
    var packing: Packing?
    /// Whether the blob is read as a tar archive. The blobs of other media types are only hashed.
    var isLayer = false
    /// Whether repot wrote the layer. Only such a layer has to follow repot's rules.
    var isOwn = false
}

/// A layer as the documents of an image describe it.
struct ToldLayer: Hashable, Sendable {
    let blob: ToldBlob
    /// The diff ID in the configuration; nil if the configuration has fewer diff IDs than layers.
    let diffID: Digest?
}

/// An image as its documents describe it.
struct ToldImage: Sendable {
    /// The layers that exist, the lowest first.
    let layers: [ToldLayer]
    private let configuration: Digest
    /// Whether every layer exists.
    let isWhole: Bool

    /// Creates the image of a configuration.
    ///
    /// - Parameters:
    ///   - digest: the digest of the configuration.
    ///   - blobs: the layers, the lowest first; nil for one that is missing.
    init(_ configuration: JSONValue, _ digest: Digest, _ blobs: [ToldBlob?]) {
        self.configuration = digest
        let diffIDs = Self.diffIDs(configuration)
        isWhole = !blobs.contains(nil)
        layers = blobs.enumerated().compactMap { place, blob in
            blob.map { ToldLayer(blob: $0, diffID: place < diffIDs.count ? diffIDs[place] : nil) }
        }
    }

    /// Whether both images have the same files, even if different documents refer to them.
    func isSame(as other: ToldImage) -> Bool {
        configuration == other.configuration && layers.map(\.blob.place) == other.layers.map(\.blob.place)
    }

    /// The diff IDs of a configuration; nil for each that is not a SHA-256 digest.
    static func diffIDs(_ configuration: JSONValue) -> [Digest?] {
        (configuration["rootfs"]?["diff_ids"]?.elements ?? []).map { $0.string.flatMap { Digest($0) } }
    }
}

extension Packing {
    var word: String {
        switch self {
        case .none: "not packed"
        case .gzip: "packed by gzip"
        case .zstd: "packed by zstd"
        }
    }
}
