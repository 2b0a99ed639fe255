import ArgumentParser
import Image
import NixClosure
import SystemCalls
import Tar

/// How the layers of an image are made.
struct LayerOptions: ParsableArguments {
    private static let noImage = "none"
    private static let noCache = "none"

    @Option(
        name: .customLong("layers"),
        help: "Which store paths share a layer: cohort, path or single; otherwise cohort.",
        completion: .list(Layering.Rule.allCases.map(\.rawValue)))
    var rule: String?

    @Option(
        help: ArgumentHelp(
            "Maximum number of layers to add to those of a base. An image has at most 127, and 125 for Docker.",
            valueName: "n"))
    var maxLayers = 100

    @Option(help: ArgumentHelp("Layers that are smaller share one; otherwise 1M.", valueName: "size"))
    var minLayer: String?

    @Option(
        parsing: .unconditionalSingleValue,
        help: ArgumentHelp(
            "Paths whose names, without hashes, match have layers of their own: a POSIX extended regular expression.",
            valueName: "regex"))
    var pin: [String] = []

    @Option(
        help: ArgumentHelp(
            "The image whose layers are kept as far as they still hold, or none; otherwise the one in WHERE.",
            valueName: "where"))
    var previous: String?

    @Option(
        help: ArgumentHelp(
            "The compression of layers: none, gzip[:1-12] or zstd[:1-19]. A FILE with a suffix such as .tar.gz or "
                + ".tar.zst is compressed instead of its layers.", valueName: "format"))
    var compression: String?

    @OptionGroup var members: MemberOptions

    @Option(
        help: ArgumentHelp(
            "The directory of the layer cache, or none; otherwise 'repot' in $XDG_CACHE_HOME or ~/.cache, if that "
                + "exists.", valueName: "dir|none"), completion: .directory)
    var cache: String?

    @Flag(help: "Rebuild all layers of store paths, whatever the cache and DIR have, and update the cache.")
    var noCache = false

    @Option(name: .shortAndLong, help: ArgumentHelp("The number of workers.", valueName: "n"))
    var jobs: Int?

    mutating func validate() throws {
        if let rule, Layering.Rule(rawValue: rule) == nil {
            throw ValidationError("--layers takes cohort, path or single, not '\(rule)'")
        }
        if !(1...127).contains(maxLayers) { throw ValidationError("--max-layers takes a number from 1 to 127") }
        if let minLayer, ByteSize(minLayer) == nil {
            throw ValidationError("--min-layer takes a size such as 1M, not '\(minLayer)'")
        }
        if let previous, previous != Self.noImage {
            switch ImageReference(previous) {
            case .layout, .layoutArchive, .dockerArchive: break
            case .dockerDaemon, nil:
                throw ValidationError(
                    "--previous takes oci:DIR[:TAG], oci-archive:FILE[:TAG] or docker-archive:FILE[:NAME:TAG] or "
                        + "none, not '\(previous)'\(ImageReference.remedy(for: previous))")
            }
        }
        if cache == "" { throw ValidationError("--cache takes a directory or none") }
        if let jobs, !(1...1024).contains(jobs) { throw ValidationError("--jobs takes a number from 1 to 1024") }
        _ = try limits(max: maxLayers)
    }

    var layering: Layering.Rule { rule.flatMap { Layering.Rule(rawValue: $0) } ?? .cohort }

    private var floor: UInt64 { minLayer.flatMap { ByteSize($0)?.bytes } ?? Layering.Limits().floor }

    /// The limits of a layering.
    ///
    /// - Parameter max: the maximum number of layers.
    func limits(max: Int) throws -> Layering.Limits {
        let expressions = try pin.map { text in
            do throws(RegularExpression.Failure) { return try RegularExpression(text) } catch {
                throw ValidationError("--pin '\(text)': \(error.message)")
            }
        }
        var limits = Layering.Limits()
        limits.layers = max
        limits.floor = floor
        limits.isPinned = { path in expressions.contains { $0.occurs(in: path.name) } }
        return limits
    }

    /// The compressions of an image.
    ///
    /// - Throws: An error if `--compression` is invalid or contradicts the name of the archive.
    func compressions(for reference: ImageReference) throws(ValidationError) -> ImageCompressions {
        let given = try CompressionArgument(argument: compression, file: reference.archive).value() ?? .none
        let isOfArchive = reference.archive.flatMap { ArchiveCompression(suffixOf: $0) } != nil
        return ImageCompressions(archive: isOfArchive ? given : .none, layers: isOfArchive ? .none : given)
    }

    /// The options of each layer.
    func options(_ compression: ArchiveCompression) -> ArchiveOptions {
        var options = ArchiveOptions()
        options.compression = compression
        members.fill(&options)
        options.workers = min(jobs ?? max(2, ProcessState.processors), mostWorkers)
        return options
    }

    /// A layer at work may have a batch of large files open, and the directories that they are in.
    private var mostWorkers: Int { max(1, (ProcessState.descriptorLimit - 128) / 136) }

    /// The cache of layers; nil for none.
    ///
    /// - Throws: An error if the directory that the user named does not exist and cannot be created.
    func layerCache() throws(PathError) -> LayerCache? {
        guard let cache else { return .usual() }
        if cache == Self.noCache { return nil }
        let directory = Path(cache)
        for candidate in [directory, directory.parent] {
            do throws(Errno) {
                if try Directory.current.metadata(of: Name(candidate), following: true).kind == .directory { break }
                throw .notDirectory
            } catch {
                if error == .notFound, candidate == directory { continue }
                throw .failed("cannot use the cache directory", directory, error)
            }
        }
        return LayerCache(directory.appending("layers"))
    }

    /// By what the layers are made, for the next image. Only cohorts know the floor.
    var story: String { layering == .cohort ? "\(layering.rawValue) \(floor)" : layering.rawValue }

    /// The layers of the last image, where they were made as those of the new one are to be. What others have made is
    /// kept as long as nobody asks for something else.
    func kept(of image: StoredImage?) -> [[StorePath]] {
        guard let image, previous != Self.noImage else { return [] }
        let isAsked = rule != nil || minLayer != nil
        let isMeant = image.manifest?.layering.map { $0 == story } ?? !isAsked
        return isMeant ? image.storePaths : []
    }

    /// The last image. What is in the new one's place need not be one.
    func previous(or reference: ImageReference, for platform: Platform) throws(PathError) -> StoredImage? {
        if let previous = previous.flatMap({ ImageReference($0) }) {
            return try StoredImage(previous, for: platform)
        }
        switch reference {
        case .dockerDaemon: return nil
        case .layout(let path, let tag):
            // Another tag's image stays, and was perhaps pushed elsewhere.
            guard let layout = try? ImageLayout(path, makes: false), (try? layout.manifest(tag)) != nil else {
                return nil
            }
        case .layoutArchive, .dockerArchive: break
        }
        return try? StoredImage(reference, for: platform)
    }
}

/// The compression of an image archive and that of the layers in it. Compressing both takes time and saves no space.
struct ImageCompressions {
    let archive: ArchiveCompression
    let layers: ArchiveCompression

    var hasZstd: Bool {
        [archive, layers].contains { if case .zstd = $0 { true } else { false } }
    }
}

extension ImageReference {
    /// The file of an image that is one.
    var archive: Path? {
        switch self {
        case .layoutArchive(let path, _), .dockerArchive(let path, _): path
        case .layout, .dockerDaemon: nil
        }
    }

    /// How many layers may be on top of each other: 127 in some of Docker's drivers, of which `docker load` keeps two
    /// for the container. Source: moby, layer/layer_store.go, maxLayerDepth.
    var mostLayers: Int { isForDocker ? 125 : 127 }

    /// Whether `docker load` is to take it.
    var isForDocker: Bool {
        switch self {
        case .dockerArchive, .dockerDaemon: true
        case .layout, .layoutArchive: false
        }
    }

    /// For people whose folder has a colon in its name; nothing where that is not what is wrong.
    static func remedy(for text: String) -> String {
        guard text.hasPrefix("oci:") || text.hasPrefix("oci-archive:"), text.split(separator: ":").count > 2 else {
            return ""
        }
        return "; what follows the first colon is the image's name, as skopeo has it: where it is meant to be in the "
            + "path, take another path, or a symlink without a colon"
    }

    var layoutPlace: (path: Path, tag: String)? {
        if case .layout(let path, let tag) = self { (path, tag) } else { nil }
    }
}
