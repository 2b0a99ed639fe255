import Image
import NixClosure
import StoreFixture
import SystemCalls
import Tar
import TestSupport

/// A store of three paths, and images of them.
struct ImageFixture {
    let fake: FakeStore
    let infos: [PathInfo]
    var scratch: Scratch { fake.scratch }

    init() throws {
        fake = try FakeStore()
        let paths = FakeStore.all.compactMap { StorePath(baseName: $0.lastComponent) }
        infos = try paths.map { PathInfo($0, references: []) }.completed(in: fake.store)
    }

    var paths: [StorePath] { infos.map(\.path) }

    func path(_ name: ByteString) -> Path { Path(scratch / name) }

    func layout(_ name: ByteString) throws -> ImageLayout { try ImageLayout(path(name), makes: true) }

    /// An image whose layers hold the store paths with these numbers.
    @discardableResult
    func write(
        _ layers: [[Int]], to name: ByteString = "image", tag: String = "latest",
        _ change: (inout ImageSpec) -> Void = { _ in }
    ) throws -> WrittenImage {
        let plans = layers.map { LayerPlan($0.map { infos[$0] }, in: fake.store) }
        var spec = ImageSpec(layers: plans, configuration: ImageConfiguration())
        change(&spec)
        return try ImageWriter(spec).write(to: try layout(name), tag: tag)
    }

    /// The same image as an archive.
    func archive(_ image: WrittenImage, as form: ImageArchive.Form, to name: ByteString) throws {
        let items = ImageArchive(image, in: try layout("image"), as: form).items
        _ = try TarWriter(items).write(to: .file(path(name)))
    }

    func stored(_ reference: String, for name: String = "amd64") throws -> StoredImage {
        let parts = reference.split(separator: ":", maxSplits: 1)
        guard let reference = ImageReference("\(parts[0]):\(scratch.path)/\(parts[1])"),
            let platform = Platform(argument: name)
        else {
            throw TestError("\(reference) is no reference")
        }
        return try StoredImage(reference, for: platform)
    }

    /// A script in the scratch folder.
    @discardableResult
    func run(_ script: ByteString) throws -> String {
        try Command.succeed(["sh", "-euc", "cd \"$1\"\n" + script, "sh", scratch.path]).outputText
    }
}

extension ArchiveCompressionCase {
    var value: ArchiveCompression {
        switch self {
        case .none: .none
        case .gzip: .gzip(level: 6)
        case .zstd: .zstd(level: 3)
        }
    }
}
