import ArgumentParser
import Image
import SystemCalls
import Tar

/// Where an image goes, and how it gets there.
struct ImageOutput {
    let reference: ImageReference
    /// The compression of an archive.
    let compression: ArchiveCompression
    let workers: Int?
    /// Reports go to standard output, so nothing else may.
    let isOutputTaken: Bool
    let setting: LayoutSetting

    /// Whether it is a stream, to standard output or somebody else's file.
    var isStream: Bool { archive?.isStream ?? false }

    /// Whether it goes where the program prints.
    var isPrinted: Bool { archive?.isStandardOutput ?? false }

    /// Layers that are where it goes already, as far as that is no folder.
    func held() throws -> LayerStacks {
        guard case .dockerDaemon = reference else { return LayerStacks([]) }
        return try DockerDaemon(isOutputAside: isOutputTaken).stacks()
    }

    private var archive: ArchiveOutput? {
        switch reference {
        case .layoutArchive(let path, _), .dockerArchive(let path, _): .file(path)
        case .layout, .dockerDaemon: nil
        }
    }

    private var form: ImageArchive.Form {
        switch reference {
        case .layout(_, let tag), .layoutArchive(_, let tag): .layout(tag: tag)
        case .dockerArchive(_, let name): .docker(name: name)
        case .dockerDaemon(let name): .docker(name: name)
        }
    }

    /// - Parameter make: writes the image into a layout, apart from layers that are there already where it goes.
    func write(_ make: (ImageLayout, _ tag: String, LayerStacks) throws -> WrittenImage) throws -> WrittenImage {
        switch reference {
        case .layout(let path, let tag): try make(try layout(path), tag, LayerStacks([]))
        case .layoutArchive, .dockerArchive: try writeArchive(make)
        case .dockerDaemon: try load(make)
        }
    }

    /// Sees that it can be made, as far as that shows without making it.
    func requirePlace() throws(PathError) {
        switch reference {
        case .layout(let path, _): try Self.requireFolder(path)
        case .layoutArchive(let path, _), .dockerArchive(let path, _):
            if !ArchiveOutput.file(path).isStandardOutput { try Self.requireParent(of: path) }
        case .dockerDaemon: break
        }
    }

    private func layout(_ path: Path) throws(PathError) -> ImageLayout {
        try Self.requireFolder(path)
        return try setting.layout(path, makes: true)
    }

    private static func requireFolder(_ path: Path) throws(PathError) {
        try requireParent(of: path)
        if let there = kind(of: path), there != .directory {
            throw PathError(path, "\(path.quoted) is no folder: name one, or write one file as oci-archive:FILE")
        }
    }

    private static func requireParent(of path: Path) throws(PathError) {
        if kind(of: path) == nil, kind(of: path.parent) != .directory {
            throw PathError(
                path, "\(path.quoted) cannot be made: there is no folder \(path.parent.quoted); make it first")
        }
    }

    private static func kind(of path: Path) -> FileKind? {
        (try? Directory.current.metadata(of: Name(path), following: true))?.kind
    }

    /// Layers are many and their sizes known only in the end, so they are blobs beside the archive before they are in
    /// it: on a file system with reflinks both have the same extents.
    private func writeArchive(_ make: (ImageLayout, String, LayerStacks) throws -> WrittenImage) throws -> WrittenImage
    {
        guard let archive else { throw ExitCode(64) }
        let folder = try archive.scratchFolder()
        if let path = try archive.filePath() { try Self.requireParent(of: path) }
        let scratch = try ScratchLayout(in: folder)
        let image = try make(scratch.layout, Self.scratchTag, LayerStacks([]))
        _ = try tar(image, in: scratch.layout).write(to: archive, syncs: setting.syncs)
        return image
    }

    private static let scratchTag = "image"

    private func tar(_ image: WrittenImage, in layout: ImageLayout) throws(ArchiveError) -> TarWriter {
        var options = ArchiveOptions()
        options.workers = workers
        options.compression = compression
        options.aligns = compression == .none
        return try TarWriter(ImageArchive(image, in: layout, as: form).items, options) { Interrupt.signal != nil }
    }

    /// A layer may go while it is loaded upon: then it is tried again with all of them.
    private func load(_ make: (ImageLayout, String, LayerStacks) throws -> WrittenImage) throws -> WrittenImage {
        let daemon = DockerDaemon(isOutputAside: isOutputTaken)
        let held = try self.held()
        let scratch = try ScratchLayout(in: ProcessState.temporaryFolder)
        for held in held.isEmpty ? [held] : [held, LayerStacks([])] {
            let image = try make(scratch.layout, Self.scratchTag, held)
            guard let isLoaded = try daemon.load(try tar(image, in: scratch.layout)) else { throw ExitCode(130) }
            if isLoaded { return image }
        }
        throw ArchiveError.refused(
            "docker", "'docker load' failed; its own words are above. Has its disk room enough ('docker system df')?")
    }
}

extension ArchiveOutput {
    /// A folder on the file system of the archive; for a stream, one for large temporary files.
    fileprivate func scratchFolder() throws(ArchiveError) -> Path {
        guard !isStream, let path = try filePath() else { return ProcessState.temporaryFolder }
        return path.parent
    }
}
