import SystemCalls

/// The choice of one of several images: by its tag, and then by the platform. Source: OCI image specification,
/// image-index.md.
struct ImageChoice<Source: BlobSource> {
    /// Indexes in indexes; nobody has more than one below the first.
    private static var deepest: Int { 4 }

    private let source: Source
    private let path: Path
    private let platform: Platform

    init(_ source: Source, _ path: Path, _ platform: Platform) {
        self.source = source
        self.path = path
        self.platform = platform
    }

    /// Those with the tag; of one image alone, no tag need be known.
    func tagged(_ tag: String, _ index: LayoutIndex) throws(PathError) -> [BlobDescriptor] {
        let images = index.images
        let sought = TextBytes(tag)
        var found = images.filter { $0.tag.map { TextBytes($0) } == sought }
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

    /// The candidate whose platform is the most suitable one. A single candidate may be for any platform, which its
    /// configuration states.
    private func one(of candidates: [BlobDescriptor]) throws(PathError) -> BlobDescriptor {
        if candidates.count == 1 { return candidates[0] }
        let ranked = candidates.compactMap { candidate in
            candidate.platform.flatMap { platform.rank(of: $0) }.map { (candidate: candidate, rank: $0) }
        }
        if let best = ranked.min(by: { $0.rank < $1.rank }) { return best.candidate }
        let others = candidates.compactMap(\.platform).filter { $0.os != "unknown" }.map(\.name)
        throw PathError(
            path,
            "\(path.quoted) has no image for \(platform.name); it has \(Self.listed(others)): name one with --arch")
    }

    private static func listed(_ names: [String]) -> String {
        names.isEmpty ? "none" : Set(names).sorted().map { "'\($0)'" }.joined(separator: ", ")
    }
}
