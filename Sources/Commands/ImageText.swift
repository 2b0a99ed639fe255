import Image
import JSON
import NixClosure
import SystemCalls
import Tar

extension WrittenImage {
    private var fresh: [WrittenLayer] { layers.filter { !$0.wasThere } }

    /// `12 layers, 294.3 MiB: 3 written, 41.2 MiB, in 0.2 s; sha256:…`.
    var summary: String {
        let new = fresh.map(\.blob.descriptor.size).saturatedSum
        let push = newBytes.map { "; a push sends \($0.binaryUnits) anew" } ?? ""
        return "\((baseLayers.count + layers.count).counted("layer")), \(size.binaryUnits): "
            + "\(fresh.count.grouped) written, \(new.binaryUnits), in \(seconds.shortSeconds)\(push); "
            + "\(manifest.digest)"
    }

    /// Of all layers, those of the base included.
    private var size: Int64 { (baseLayers + layers.map(\.blob.descriptor)).map(\.size).saturatedSum }

    /// Each layer, the lowest first.
    var lines: [String] {
        baseLayers.map { "base    \($0.digest) \($0.size.binaryUnits)" }
            + layers.map { layer in
                let blob = layer.blob.descriptor
                return "\(layer.wasThere ? "there  " : "written") \(blob.digest) \(blob.size.binaryUnits): "
                    + layer.plan.content
            }
    }

    /// What people do with it next.
    func nextSteps(_ reference: ImageReference) -> [String] {
        switch reference {
        case .layout(let path, let tag):
            [
                "base:  docker buildx build --build-context "
                    + shellWord(
                        "base=oci-layout://\(path)\(Self.dockerTag(tag).map { ":\($0)" } ?? "")@\(manifest.digest)")
                    + " .", push(reference, tag),
            ]
        case .layoutArchive(let path, _) where ArchiveOutput.file(path).isStream: []
        case .dockerArchive(let path, _) where ArchiveOutput.file(path).isStream: []
        case .layoutArchive(_, let tag): [push(reference, tag)]
        case .dockerArchive(let path, let name):
            // skopeo 1.9 fails to read a compressed docker-archive, its own included.
            ["load:  docker load -i \(shellWord("\(path)"))"]
                + (ArchiveCompression(suffixOf: path) == nil
                    ? ["push:  skopeo copy \(shellWord("docker-archive:\(path)")) docker://\(Self.pushed(name))"] : [])
        case .dockerDaemon(let name): ["run:   docker run --rm \(name)"]
        }
    }

    /// A name that begins with a host says where it goes.
    private static func pushed(_ name: String?) -> String {
        guard let name else { return "REGISTRY/NAME:latest" }
        let first = name.contains("/") ? name.prefix { $0 != "/" } : ""
        let isHost = first.contains(".") || first.contains(":") || first == "localhost"
        return isHost ? name : "REGISTRY/\(name)"
    }

    private func push(_ reference: ImageReference, _ tag: String) -> String {
        "push:  skopeo copy \(shellWord("\(reference)")) docker://REGISTRY/NAME:\(Self.dockerTag(tag) ?? "TAG")"
    }

    /// An image layout may have names that are no tags elsewhere.
    private static func dockerTag(_ name: String) -> String? { ImageReference.isTag(name) ? name : nil }

    /// For machines.
    func json(_ reference: ImageReference) -> JSONValue {
        .object([
            ("schemaVersion", .number(1)), ("reference", .string(reference.description)),
            ("manifest", .string(manifest.digest.description)), ("config", .string(config.digest.description)),
            ("size", .number(Double(size))),
            ("pushBytes", newBytes.map { .number(Double($0)) } ?? .null), ("seconds", .number(seconds)),
            ("baseLayers", .array(baseLayers.map(json))), ("layers", .array(layers.map(json))),
        ])
    }

    private func json(_ layer: BlobDescriptor) -> JSONValue {
        .object([
            ("digest", .string(layer.digest.description)), ("size", .number(Double(layer.size))),
            ("mediaType", .string(layer.mediaType)),
        ])
    }

    private func json(_ layer: WrittenLayer) -> JSONValue {
        .object([
            ("digest", .string(layer.blob.descriptor.digest.description)),
            ("diffID", .string(layer.blob.diffID.description)),
            ("size", .number(Double(layer.blob.descriptor.size))),
            ("mediaType", .string(layer.blob.descriptor.mediaType)),
            ("written", .bool(!layer.wasThere)),
            ("storePaths", .array(layer.plan.storePaths.map { .string($0.description) })),
        ])
    }
}

extension LayerPlan {
    /// What is in it, for people.
    fileprivate var content: String {
        storePaths.isEmpty ? "what lies beside the store" : storePaths.map(\.description).joined(separator: " ")
    }

    /// What would become of it.
    func line(isWritten: Bool) -> String {
        "\(isWritten ? "written" : "there  ") \(Int64(clamping: bytes).binaryUnits): \(content)"
    }
}

/// As a shell takes it: in quotes where it would make something else of it.
private func shellWord(_ text: String) -> String {
    let plain = Set("%+,-./@]_:=".utf8)
    let parts = text.utf8.split(omittingEmptySubsequences: false, whereSeparator: plain.contains)
    let isPlain = parts.allSatisfy { $0.isEmpty || Path(Array($0)).quotedWhereNeeded == String($0) }
    return isPlain ? text : Path(text).quoted
}
