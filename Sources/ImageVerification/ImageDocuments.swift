import Image
import JSON
import SystemCalls
import Tar

/// What an image says of itself: index, manifests and configurations, each looked at, and that they fit together.
struct ImageDocuments {
    /// The most that is read of all documents. Indexes can name the same documents again and again.
    private static let maxTotalSize = 256 << 20
    /// Indexes in indexes; nobody has more than one below the first.
    private static let deepest = 4

    let files: ImageFiles
    private(set) var findings: Set<ImageFinding> = []
    /// Parts that are not verified here and are not faults, such as platforms that the layout does not have.
    private(set) var notes: Set<ImageFinding> = []
    private(set) var images: [ToldImage] = []
    /// The blobs that are only hashed, such as those of a software bill of materials.
    private(set) var others: [ToldBlob] = []
    private var configurations: [Digest] = []
    private var readEntries: Set<EntryKey> = []
    private var totalSize = 0

    /// The parts of an entry of an index that decide how its document is read.
    private struct EntryKey: Hashable {
        let digest: Digest
        let mediaType: String
        let platform: Platform?
    }

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
        guard let index = try file("index.json"), let entries = list(index["manifests"], of: "index.json") else {
            return true
        }
        guard let tag else {
            for entry in known(entries, of: "index.json") { try readEntry(entry, depth: 0) }
            return true
        }
        let tagged = entries.filter { Self.tag(of: $0) == tag }
        // Of one image alone, no tag need be known.
        let chosen = tagged.isEmpty && entries.count == 1 && Self.tag(of: entries[0]) == nil ? entries : tagged
        let images = descriptors(chosen, of: "index.json")
        for image in images { try readEntry(image, depth: 0) }
        let digests = Set(images.map(\.digest))
        for other in entries.compactMap({ BlobDescriptor($0) })
        where !digests.contains(other.digest) && other.annotations[ImageLayout.tagKey] == nil {
            // A damaged document is ignored here. It is found when all images are verified.
            guard MediaType.manifests.contains(other.mediaType), let place = files.place(Self.name(of: other.digest)),
                let json = try? JSONReader.value(of: content(of: place)),
                let subject = json["subject"].flatMap({ BlobDescriptor($0) }), digests.contains(subject.digest)
            else { continue }
            try readEntry(other, depth: 0)
        }
        return !chosen.isEmpty
    }

    private static func tag(of entry: JSONValue) -> String? { entry["annotations"]?[ImageLayout.tagKey]?.string }

    static func name(of digest: Digest) -> Path { Path("blobs/sha256/\(digest.hex)") }

    /// A file that has no digest.
    private mutating func file(_ name: Path) throws(ArchiveError) -> JSONValue? {
        guard let place = files.place(name) else {
            find("\(name)", .missing)
            return nil
        }
        return parsed(try content(of: place), "\(name)")
    }

    private mutating func content(of place: FilePlace) throws(ArchiveError) -> [UInt8] {
        let content = try place.beginning(Int64(maxDocumentSize))
        totalSize += content.count
        if totalSize > Self.maxTotalSize {
            throw .refused(place.file, "\(place.file.quoted) belongs to an image with more than 256 MiB of documents")
        }
        return content
    }

    private mutating func parsed(_ content: [UInt8], _ name: String) -> JSONValue? {
        do throws(JSONReader.Failure) { return try JSONReader.value(of: content) } catch {
            find(name, .malformed("line \(error.line): \(error.expected) is expected"))
            return nil
        }
    }

    private mutating func list(_ list: JSONValue?, of name: String) -> [JSONValue]? {
        if let elements = list?.nullableElements { return elements }
        find(name, .malformed("it has no list of images or layers"))
        return nil
    }

    private mutating func descriptors(_ elements: [JSONValue], of name: String) -> [BlobDescriptor] {
        let found = elements.compactMap { BlobDescriptor($0) }
        if found.count != elements.count {
            find(name, .malformed("it names something without a type, a SHA-256 or a size"))
        }
        return found
    }

    /// The entries of an index. Those with a digest of another algorithm are notes.
    private mutating func known(_ entries: [JSONValue], of name: String) -> [BlobDescriptor] {
        let (others, known) = entries.reduce(into: ([String](), [JSONValue]())) { parts, entry in
            if let digest = entry["digest"]?.string, Digest.isOfAnotherAlgorithm(digest) {
                parts.0.append(digest)
            } else {
                parts.1.append(entry)
            }
        }
        for digest in others { notes.insert(ImageFinding(digest, .otherAlgorithm)) }
        return descriptors(known, of: name)
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
        let content = try content(of: blob.place)
        if blob.place.size != descriptor.size {
            find(blob.name, .size(found: blob.place.size, told: descriptor.size))
        }
        let digest = Digest(of: content)
        if digest != descriptor.digest { find(blob.name, .digest(found: digest)) }
        return parsed(content, blob.name)
    }

    /// Reads an entry of an index. An unknown media type is not an error.
    /// Source: OCI image specification, image-layout.md, 'index.json file'.
    private mutating func readEntry(_ descriptor: BlobDescriptor, depth: Int) throws(ArchiveError) {
        let isIndex = MediaType.indexes.contains(descriptor.mediaType)
        guard isIndex || MediaType.manifests.contains(descriptor.mediaType) else { return addOther(descriptor) }
        let key = EntryKey(
            digest: descriptor.digest, mediaType: descriptor.mediaType, platform: descriptor.platform)
        guard readEntries.insert(key).inserted else { return }
        let name = "\(descriptor.digest)"
        guard let json = try document(descriptor) else { return }
        if let type = json["mediaType"]?.string, type != descriptor.mediaType {
            find(name, .mediaType("it says '\(type)', and what names it says '\(descriptor.mediaType)'"))
        }
        if json["schemaVersion"]?.number != 2 { find(name, .malformed("it has no schemaVersion 2")) }
        if isIndex { try readIndex(json, name, depth) } else { try readParts(json, name, descriptor.platform) }
    }

    /// Reads an index below the first. A layout with one platform of an index need not have the others.
    private mutating func readIndex(_ json: JSONValue, _ name: String, _ depth: Int) throws(ArchiveError) {
        if depth == Self.deepest { return find(name, .malformed("indexes are nested too deeply")) }
        let entries = known(list(json["manifests"], of: name) ?? [], of: name)
        let missing = Set(entries.filter { files.place(Self.name(of: $0.digest)) == nil })
        let count = images.count
        for entry in entries where !missing.contains(entry) { try readEntry(entry, depth: depth + 1) }
        for entry in missing {
            if images.count > count {
                notes.insert(ImageFinding("\(entry.digest)", .elsewhere(entry.platform)))
            } else {
                find("\(entry.digest)", .missing)
            }
        }
    }

    /// Adds a blob that is only hashed.
    private mutating func addOther(_ descriptor: BlobDescriptor) {
        if let blob = blob(descriptor) { others.append(blob) }
    }

    private mutating func readParts(_ json: JSONValue, _ name: String, _ platform: Platform?) throws(ArchiveError) {
        guard let config = json["config"].flatMap({ BlobDescriptor($0) }) else {
            return find(name, .malformed("it has no configuration"))
        }
        let layers = descriptors(list(json["layers"], of: name) ?? [], of: name)
        // Attestations and signatures have the configuration of an image, and other types of layers.
        let hasLayers = layers.isEmpty || layers.contains { MediaType.layer($0.mediaType) != nil }
        guard hasLayers, MediaType.configs.contains(config.mediaType) else {
            for part in [config] + layers { addOther(part) }
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
        let type = MediaType.layer(descriptor.mediaType)
        blob?.packing = type?.packing
        // An unknown media type is not an error. Source: OCI image specification, manifest.md, 'layers'.
        blob?.isLayer = type != nil
        if type == nil { notes.insert(ImageFinding("\(descriptor.digest)", .otherType(descriptor.mediaType))) }
        blob?.isOwn = descriptor.annotations[LayerPlan.storePathsKey] != nil
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
        let content = try content(of: place)
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
