import Image
import JSON
import SystemCalls
import Tar

/// A blob as the documents of an image tell of it.
struct ToldBlob: Hashable, Sendable {
    /// Its digest, or its name in an archive.
    let name: String
    let place: FilePlace
    let digest: Digest?
    let size: Int64?
    /// What its type says; nil where no type is told.
    var packing: Packing?
    var isLayer = false
}

/// A layer as an image's documents tell of it.
struct ToldLayer: Hashable, Sendable {
    let blob: ToldBlob
    /// nil where there are more layers than diff ids.
    let diffID: Digest?
    /// repot says that it has written it.
    let isOwn: Bool
}

/// An image as its documents tell of it.
struct ToldImage: Sendable {
    let layers: [ToldLayer]
    private let configuration: Digest
    /// Every layer is there.
    let isWhole: Bool

    /// Those of a configuration.
    ///
    /// - Parameters:
    ///   - digest: the configuration's own.
    ///   - blobs: of its layers, the lowest first; nil for one that is not there.
    init(_ configuration: JSONValue, _ digest: Digest, _ blobs: [ToldBlob?]) {
        self.configuration = digest
        let diffIDs = Self.diffIDs(configuration)
        let history = (configuration["history"]?.elements ?? []).filter { $0["empty_layer"] != .bool(true) }
        isWhole = !blobs.contains(nil)
        let isTold = history.count == blobs.count
        layers = blobs.enumerated().compactMap { place, blob in
            blob.map { blob in
                ToldLayer(
                    blob: blob, diffID: place < diffIDs.count ? diffIDs[place] : nil,
                    isOwn: isTold && history[place]["created_by"]?.string == "repot image")
            }
        }
    }

    /// Of the same files, whoever tells of them.
    func isSame(as other: ToldImage) -> Bool {
        configuration == other.configuration && layers.map(\.blob.place) == other.layers.map(\.blob.place)
    }

    /// What is no digest is nil.
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
