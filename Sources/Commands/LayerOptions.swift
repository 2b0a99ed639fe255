import ArgumentParser
import Image
import NixClosure
import SystemCalls
import Tar

/// How the layers of an image are made.
struct LayerOptions: ParsableArguments {
    /// Of more layers Docker makes no image. Source: moby, layer/layer_store.go, maxLayerDepth.
    static let mostLayers = 127

    @Option(name: .customLong("layers"), help: "Which store paths share a layer: cohort, path or single.")
    var rule = "cohort"

    @Option(help: ArgumentHelp("The most layers of store paths.", valueName: "n"))
    var maxLayers = 100

    @Option(help: ArgumentHelp("Layers that are smaller share one.", valueName: "size"))
    var minLayer = "1M"

    @Option(
        parsing: .unconditionalSingleValue,
        help: ArgumentHelp(
            "Paths whose names, without hashes, match have layers of their own: a POSIX extended regular expression.",
            valueName: "regex"))
    var pin: [String] = []

    @Option(
        help: ArgumentHelp(
            "The image whose layers are kept as far as they still hold; otherwise the one in WHERE.", valueName: "where"
        ))
    var previous: String?

    @Option(help: ArgumentHelp("none, gzip[:1-12] or zstd[:1-19].", valueName: "format"))
    var compression = "none"

    @Flag(help: "Neither use nor keep what is remembered of layers.")
    var noCache = false

    @Option(name: .shortAndLong, help: ArgumentHelp("The number of workers.", valueName: "n"))
    var jobs: Int?

    mutating func validate() throws {
        if Layering.Rule(rawValue: rule) == nil {
            throw ValidationError("--layers takes cohort, path or single, not '\(rule)'")
        }
        if !(1...127).contains(maxLayers) { throw ValidationError("--max-layers takes a number from 1 to 127") }
        if ByteSize(minLayer) == nil { throw ValidationError("--min-layer takes a size such as 1M, not '\(minLayer)'") }
        if ArchiveCompression(argument: compression) == nil {
            throw ValidationError(
                "--compression takes none, gzip, gzip:1 to 12, zstd or zstd:1 to 19, not '\(compression)'")
        }
        if let previous {
            switch ImageReference(previous) {
            case .layout, .layoutArchive, .dockerArchive: break
            case .dockerDaemon, nil:
                throw ValidationError(
                    "--previous takes oci:DIR[:TAG], oci-archive:FILE[:TAG] or docker-archive:FILE[:NAME:TAG], not "
                        + "'\(previous)'")
            }
        }
        if let jobs, !(1...1024).contains(jobs) { throw ValidationError("--jobs takes a number from 1 to 1024") }
        _ = try limits()
    }

    var layering: Layering.Rule { Layering.Rule(rawValue: rule) ?? .cohort }

    /// - Parameter taken: layers that are there beside those of store paths.
    func limits(taken: Int = 0) throws -> Layering.Limits {
        let expressions = try pin.map { text in
            do throws(RegularExpression.Failure) { return try RegularExpression(text) } catch {
                throw ValidationError("--pin '\(text)': \(error.message)")
            }
        }
        var limits = Layering.Limits()
        limits.layers = min(maxLayers, Self.mostLayers - taken)
        limits.floor = ByteSize(minLayer)?.bytes ?? limits.floor
        limits.isPinned = { path in expressions.contains { $0.occurs(in: path.name) } }
        return limits
    }

    var options: ArchiveOptions {
        var options = ArchiveOptions()
        options.compression = ArchiveCompression(argument: compression) ?? options.compression
        options.workers = jobs
        return options
    }

    var cache: LayerCache? { noCache ? nil : .usual() }

    /// The last image. What is in the new one's place need not be one.
    func previous(or reference: ImageReference, architecture: String) throws(PathError) -> StoredImage? {
        if let previous = previous.flatMap({ ImageReference($0) }) {
            return try StoredImage(previous, architecture: architecture)
        }
        if case .dockerDaemon = reference { return nil }
        return try? StoredImage(reference, architecture: architecture)
    }
}

extension ImageReference {
    var layoutPlace: (path: Path, tag: String)? {
        if case .layout(let path, let tag) = self { (path, tag) } else { nil }
    }
}
