import ArgumentParser
import Image
import SystemCalls
import Tar

/// Where an image goes, and how it gets there.
struct ImageOutput {
    let reference: ImageReference
    let workers: Int?
    /// Reports go to standard output, so nothing else may.
    let isOutputTaken: Bool
    let setting: LayoutSetting

    /// Whether it is a stream on standard output.
    var isStream: Bool { archive?.isStream ?? false }

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
        case .layout(let path, let tag): try make(try setting.layout(path, makes: true), tag, LayerStacks([]))
        case .layoutArchive, .dockerArchive: try writeArchive(make)
        case .dockerDaemon: try load(make)
        }
    }

    /// Layers are many and their sizes known only in the end, so they are blobs beside the archive before they are in it: on a
    /// file system with reflinks both have the same extents.
    private func writeArchive(_ make: (ImageLayout, String, LayerStacks) throws -> WrittenImage) throws -> WrittenImage
    {
        guard let archive else { throw ExitCode(64) }
        let scratch = try ScratchLayout(in: try archive.scratchFolder())
        let image = try make(scratch.layout, Self.scratchTag, LayerStacks([]))
        _ = try tar(image, in: scratch.layout).write(to: archive)
        return image
    }

    private static let scratchTag = "image"

    private func tar(_ image: WrittenImage, in layout: ImageLayout) throws(ArchiveError) -> TarWriter {
        var options = ArchiveOptions()
        options.workers = workers
        options.aligns = true
        return try TarWriter(ImageArchive(image, in: layout, as: form).items, options) { Interrupt.signal != nil }
    }

    /// A layer may go while it is loaded upon: then it is tried again with all of them.
    private func load(_ make: (ImageLayout, String, LayerStacks) throws -> WrittenImage) throws -> WrittenImage {
        let daemon = DockerDaemon(isOutputAside: isOutputTaken)
        let held = try daemon.stacks()
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
