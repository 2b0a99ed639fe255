import Image
import JSON
import SystemCalls
import Tar

/// What an image says of itself: index, manifests and configurations, each looked at, and that they fit together.
struct ImageDocuments {
    /// Documents are read as a whole; none is nearly as long.
    private static let longest: Int64 = 64 << 20
    /// Indexes in indexes; nobody has more than one below the first.
    private static let deepest = 4

    let files: ImageFiles
    private(set) var findings: Set<ImageFinding> = []
    private(set) var images: [ToldImage] = []
    /// Of artifacts, such as a bill of materials.
    private(set) var others: [ToldBlob] = []
    private var configurations: [Digest] = []

    init(_ files: ImageFiles) { self.files = files }

    private mutating func find(_ subject: String, _ problem: ImageFinding.Problem) {
        findings.insert(ImageFinding(subject, problem))
    }

    // MARK: Image layouts

    /// An image layout: the image with that tag and what refers to it, or all there are. Returns false where there is
    /// none with that tag. Source: OCI image specification, image-layout.md.
    mutating func readLayout(tag: String?) throws(ArchiveError) -> Bool {
        if try file("oci-layout")?["imageLayoutVersion"]?.string != "1.0.0" {
            find("oci-layout", .malformed("it names no version 1.0.0"))
        }
        guard let index = try file("index.json") else { return true }
        let all = descriptors(index["manifests"], of: "index.json")
        guard let tag else {
            for manifest in all { try readManifest(manifest, depth: 0) }
            return true
        }
        let tagged = all.filter { $0.annotations[ImageLayout.tagKey] == tag }
        // Of one image alone, no tag need be known.
        let chosen = tagged.isEmpty && all.count == 1 && all[0].annotations[ImageLayout.tagKey] == nil ? all : tagged
        for manifest in chosen { try readManifest(manifest, depth: 0) }
        let digests = Set(chosen.map(\.digest))
        for other in all where !digests.contains(other.digest) && other.annotations[ImageLayout.tagKey] == nil {
            // What is damaged belongs to somebody else's image, or is found by who verifies all.
            guard let place = files.place(Self.name(of: other.digest)),
                let json = try? JSONReader.value(of: place.beginning(Self.longest)),
                let subject = json["subject"].flatMap({ BlobDescriptor($0) }), digests.contains(subject.digest)
            else { continue }
            try readManifest(other, depth: 0)
        }
        return !chosen.isEmpty
    }

    static func name(of digest: Digest) -> Path { Path("blobs/sha256/\(digest.hex)") }

    /// A file that has no digest.
    private mutating func file(_ name: Path) throws(ArchiveError) -> JSONValue? {
        guard let place = files.place(name) else {
            find("\(name)", .missing)
            return nil
        }
        return parsed(try place.beginning(Self.longest), "\(name)")
    }

    private mutating func parsed(_ content: [UInt8], _ name: String) -> JSONValue? {
        do throws(JSONReader.Failure) { return try JSONReader.value(of: content) } catch {
            find(name, .malformed("line \(error.line): \(error.expected) is expected"))
            return nil
        }
    }

    private mutating func descriptors(_ list: JSONValue?, of name: String) -> [BlobDescriptor] {
        guard let elements = list?.nullableElements else {
            find(name, .malformed("it has no list of what belongs to it"))
            return []
        }
        let found = elements.compactMap { BlobDescriptor($0) }
        if found.count != elements.count {
            find(name, .malformed("it names something without a type, a SHA-256 or a size"))
        }
        return found
    }

    /// A blob that is named; nil where it is not there.
    private mutating func blob(_ descriptor: BlobDescriptor) -> ToldBlob? {
        guard let place = files.place(Self.name(of: descriptor.digest)) else {
            find("\(descriptor.digest)", .missing)
            return nil
        }
        return ToldBlob(
            name: "\(descriptor.digest)", place: place, digest: descriptor.digest, size: descriptor.size)
    }

    /// A document that is a blob.
    private mutating func document(_ descriptor: BlobDescriptor) throws(ArchiveError) -> JSONValue? {
        guard let blob = blob(descriptor) else { return nil }
        let content = try blob.place.beginning(Self.longest)
        if blob.place.size != descriptor.size {
            find(blob.name, .size(found: blob.place.size, told: descriptor.size))
        }
        let digest = Digest(of: content)
        if digest != descriptor.digest { find(blob.name, .digest(found: digest)) }
        return parsed(content, blob.name)
    }

    private mutating func readManifest(_ descriptor: BlobDescriptor, depth: Int) throws(ArchiveError) {
        let name = "\(descriptor.digest)"
        guard let json = try document(descriptor) else { return }
        if let type = json["mediaType"]?.string, type != descriptor.mediaType {
            find(name, .mediaType("it says '\(type)', and what names it says '\(descriptor.mediaType)'"))
        }
        if json["schemaVersion"]?.number != 2 { find(name, .malformed("it has no schemaVersion 2")) }
        switch descriptor.mediaType {
        case MediaType.index, "application/vnd.docker.distribution.manifest.list.v2+json":
            if depth == Self.deepest { return find(name, .malformed("indexes are nested too deeply")) }
            for manifest in descriptors(json["manifests"], of: name) { try readManifest(manifest, depth: depth + 1) }
        case MediaType.manifest, "application/vnd.docker.distribution.manifest.v2+json":
            try readParts(json, name, descriptor.platform)
        default: find(name, .mediaType("'\(descriptor.mediaType)' is no manifest's"))
        }
    }

    private mutating func readParts(_ json: JSONValue, _ name: String, _ platform: Platform?) throws(ArchiveError) {
        guard let config = json["config"].flatMap({ BlobDescriptor($0) }) else {
            return find(name, .malformed("it has no configuration"))
        }
        let layers = descriptors(json["layers"], of: name)
        guard [MediaType.config, "application/vnd.docker.container.image.v1+json"].contains(config.mediaType) else {
            for part in [config] + layers { if let blob = blob(part) { others.append(blob) } }
            return
        }
        let blobs = layers.map { layer($0) }
        guard let configuration = try document(config) else { return }
        configurations.append(config.digest)
        check(configuration, "\(config.digest)", platform, layers: layers.count)
        images.append(ToldImage(configuration, config.digest, blobs))
    }

    private mutating func layer(_ descriptor: BlobDescriptor) -> ToldBlob? {
        var blob = blob(descriptor)
        blob?.packing = MediaType.layer(descriptor.mediaType)?.packing
        blob?.isLayer = true
        if MediaType.layer(descriptor.mediaType) == nil {
            find("\(descriptor.digest)", .mediaType("'\(descriptor.mediaType)' is no layer's"))
        }
        return blob
    }

    private mutating func check(_ configuration: JSONValue, _ name: String, _ platform: Platform?, layers: Int) {
        let diffIDs = ToldImage.diffIDs(configuration)
        if diffIDs.contains(nil) { find(name, .malformed("it names a layer by no SHA-256")) }
        if diffIDs.count != layers { find(name, .count(layers: layers, diffIDs: diffIDs.count)) }
        guard let os = configuration["os"]?.string, let architecture = configuration["architecture"]?.string else {
            return find(name, .malformed("it does not say what it runs on"))
        }
        if let platform, (platform.os, platform.architecture) != (os, architecture) {
            find(
                name, .platform(told: "\(platform.os)/\(platform.architecture)", found: "\(os)/\(architecture)"))
        }
    }
}

// MARK: Archives for Docker

extension ImageDocuments {
    /// What `docker load` looks at: the image of that name, or all there are. Returns false where there is none of that
    /// name. Source: moby, image/tarexport/load.go.
    mutating func readDockerManifest(name: String?) throws(ArchiveError) -> Bool {
        guard let json = try file("manifest.json") else { return true }
        guard let entries = json.nullableElements else {
            find("manifest.json", .malformed("it is not a list"))
            return true
        }
        let chosen = entries.filter { entry in
            name == nil
                || (entry["RepoTags"]?.elements ?? []).contains { $0.string.map(Self.short) == name.map(Self.short) }
        }
        for entry in chosen { try readDockerImage(entry) }
        return !chosen.isEmpty
    }

    /// Without the registry and the folder that Docker takes where none is named, and that skopeo writes.
    private static func short(_ name: String) -> String {
        for prefix in ["docker.io/library/", "docker.io/"] where name.hasPrefix(prefix) {
            return String(name.dropFirst(prefix.count))
        }
        return name
    }

    private mutating func readDockerImage(_ entry: JSONValue) throws(ArchiveError) {
        guard let config = entry["Config"]?.string, let layers = entry["Layers"]?.nullableElements?.map(\.string) else {
            return find("manifest.json", .malformed("an image has no configuration or no layers"))
        }
        let blobs = layers.map { layer in layer.flatMap { dockerLayer($0) } }
        guard let place = Path(exactly: config).flatMap({ files.place($0) }) else { return find(config, .missing) }
        let content = try place.beginning(Self.longest)
        let digest = Digest(of: content)
        if let told = Self.digest(inName: config), told != digest { find(config, .digest(found: digest)) }
        if !configurations.isEmpty, !configurations.contains(digest) {
            find("manifest.json", .malformed("its configuration is not the one that index.json leads to"))
        }
        guard let configuration = parsed(content, config) else { return }
        check(configuration, config, nil, layers: layers.count)
        let image = ToldImage(configuration, digest, blobs)
        // Most often it is the one that index.json leads to.
        if !images.contains(where: { $0.isSame(as: image) }) { images.append(image) }
    }

    private mutating func dockerLayer(_ name: String) -> ToldBlob? {
        guard let place = Path(exactly: name).flatMap({ files.place($0) }) else {
            find(name, .missing)
            return nil
        }
        let digest = name.hasPrefix("blobs/sha256/") ? Self.digest(inName: name) : nil
        var blob = ToldBlob(name: digest.map(\.description) ?? name, place: place, digest: digest, size: nil)
        blob.isLayer = true
        return blob
    }

    private static func digest(inName name: String) -> Digest? {
        let last = "\(Path(name).lastComponent)"
        return Digest("sha256:" + (last.hasSuffix(".json") ? String(last.dropLast(5)) : last))
    }
}
