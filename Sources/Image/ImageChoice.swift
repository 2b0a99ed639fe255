import SystemCalls

/// Which of several images is meant: by its tag, and then by the platform. Source: OCI image specification,
/// image-index.md.
struct ImageChoice<Source: BlobSource> {
    /// Indexes in indexes; nobody has more than one below the first.
    private static var deepest: Int { 4 }

    private let source: Source
    private let path: Path
    private let architecture: String

    init(_ source: Source, _ path: Path, _ architecture: String) {
        self.source = source
        self.path = path
        self.architecture = architecture
    }

    /// Those with the tag; of one image alone, no tag need be known.
    func tagged(_ tag: String, _ index: LayoutIndex) throws(PathError) -> [BlobDescriptor] {
        let images = index.images
        var found = images.filter { $0.tag == tag }
        if found.isEmpty, images.count == 1, tag == ImageReference.defaultTag { found = images }
        if found.isEmpty {
            let tags = Self.listed(images.compactMap(\.tag))
            throw PathError(
                path, "\(path.quoted) has no image with the tag '\(tag)'; it has \(tags): name one as PATH:TAG")
        }
        var descriptors: [BlobDescriptor] = []
        for entry in found { descriptors.append(try ImageLayout.descriptor(entry, path)) }
        return descriptors
    }

    func manifest(of candidates: [BlobDescriptor]) throws(PathError) -> ImageManifest {
        var candidates = candidates
        for _ in 0..<Self.deepest {
            let descriptor = try one(of: candidates)
            let content = try source.read(descriptor)
            guard MediaType.indexes.contains(descriptor.mediaType) else {
                return try ImageManifest(try ImageLayout.json(content, path), path)
            }
            candidates = try LayoutIndex(content, path).descriptors
        }
        throw .malformed(path, "its index leads to no image")
    }

    private func one(of candidates: [BlobDescriptor]) throws(PathError) -> BlobDescriptor {
        // Whether it is for the right platform its configuration says.
        if candidates.count == 1 { return candidates[0] }
        let wanted = Platform(os: "linux", architecture: architecture)
        if let found = candidates.first(where: { $0.platform == wanted }) { return found }
        let others = candidates.compactMap(\.platform).filter { $0.os != "unknown" }.map(\.architecture)
        throw PathError(
            path, "\(path.quoted) has no image for \(architecture); it has \(Self.listed(others)): name one with --arch"
        )
    }

    private static func listed(_ names: [String]) -> String {
        names.isEmpty ? "none" : Set(names).sorted().map { "'\($0)'" }.joined(separator: ", ")
    }
}
