import JSON
import SystemCalls
import Tar

/// What `docker save` and skopeo write: `manifest.json`, and the files that it names.
/// Source: moby, image/spec/v1.2.md, 'Combined Image JSON + Filesystem Changeset Format'.
struct DockerArchive {
    private let members: ArchiveMembers

    init(_ file: Path) throws(PathError) {
        members = try ArchiveMembers(file)
        guard members.has("manifest.json") else {
            throw PathError(
                file,
                "\(file.quoted) has no 'manifest.json' as Docker writes it: if it has an image layout, name it as "
                    + "oci-archive:\(file)"
            )
        }
    }

    /// The image with that name, or the only one.
    func image(_ name: String?) throws(PathError) -> StoredImage {
        let entry = try entry(name)
        guard let path = entry["Config"]?.string.flatMap({ Path(exactly: $0) }) else {
            throw .malformed(members.file, "'manifest.json' has no 'Config' that is a path")
        }
        let content = try members.read(path)
        if let image = try imageOfLayout(Digest(of: content)) { return image }
        let configuration = try ImageLayout.json(content, members.file)
        let files = try (entry["Layers"]?.elements ?? []).map { layer throws(PathError) in
            guard let file = layer.string.flatMap({ Path(exactly: $0) }) else {
                throw .malformed(members.file, "'manifest.json' has a layer that is not a path")
            }
            return file
        }
        let diffIDs = try StoredImage.diffIDs(configuration, count: files.count, members.file)
        var layers: [StoredImage.Layer] = []
        for (diffID, file) in zip(diffIDs, files) { layers.append(try layer(file, diffID)) }
        return StoredImage(members.file, configuration, layers)
    }

    private func entry(_ name: String?) throws(PathError) -> JSONValue {
        let manifest = try ImageLayout.json(try members.read("manifest.json"), members.file)
        guard let entries = manifest.nullableElements else {
            throw .malformed(members.file, "'manifest.json' is not a list")
        }
        // skopeo writes them in full, Docker as people say them.
        let names = entries.map { ($0["RepoTags"]?.elements ?? []).compactMap(\.string).map { DockerName($0).full } }
        let found =
            name.map { name in zip(entries, names).filter { $1.contains(DockerName(name).full) }.map(\.0) } ?? entries
        if found.count == 1 { return found[0] }
        let all = names.joined().map { "'\($0)'" }.joined(separator: ", ")
        throw PathError(
            members.file,
            "\(members.file.quoted) has \(found.count) images\(name.map { " with the name '\($0)'" } ?? ""); "
                + "name one as docker-archive:FILE:NAME:TAG; it has \(all.isEmpty ? "no names" : all)")
    }

    /// An archive that is an image layout as well says more of its layers there: which store paths they hold.
    private func imageOfLayout(_ config: Digest) throws(PathError) -> StoredImage? {
        guard members.has(Path(ImageLayout.marker)), members.has("index.json") else { return nil }
        let layout = ArchivedLayout(members)
        var read: Set<Digest> = []
        for descriptor in try layout.index().descriptors
        where descriptor.mediaType == MediaType.manifest && read.insert(descriptor.digest).inserted {
            let manifest = try ImageManifest(
                try ImageLayout.json(try layout.read(descriptor), members.file), members.file)
            if manifest.config.digest == config { return try StoredImage(manifest, in: layout, members.file) }
        }
        return nil
    }

    /// Nothing there says how a layer is packed but its bytes.
    private func layer(_ path: Path, _ diffID: Digest) throws(PathError) -> StoredImage.Layer {
        let place = try members.place(of: path)
        let packing = Packing(beginning: try place.beginning(Packing.length))
        let digest = packing == .none ? diffID : try place.digest()
        return StoredImage.Layer(
            diffID: diffID, descriptor: BlobDescriptor(packing.layerType, digest, size: place.size), place: place)
    }
}

extension Packing {
    /// Source: OCI image specification, layer.md.
    fileprivate var layerType: String {
        switch self {
        case .none: MediaType.layer
        case .gzip: MediaType.layer + "+gzip"
        case .zstd: MediaType.layer + "+zstd"
        }
    }
}
