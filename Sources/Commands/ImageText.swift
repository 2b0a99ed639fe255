import Image
import JSON
import NixClosure
import SystemCalls
import Tar

extension WrittenImage {
    private var fresh: [WrittenLayer] { layers.filter { !$0.wasThere } }

    /// `12 layers, 294.3 MiB: 3 written, 41.2 MiB, in 0.2 s; sha256:…`.
    var summary: String {
        let base = baseLayers.reduce(Int64(0)) { $0 + $1.size }
        let bytes = layers.reduce(base) { $0 + $1.blob.descriptor.size }
        let new = fresh.reduce(Int64(0)) { $0 + $1.blob.descriptor.size }
        let push = newBytes.map { "; a push sends \($0.binaryUnits) anew" } ?? ""
        return
            "\((baseLayers.count + layers.count).counted("layer")), \(bytes.binaryUnits): \(fresh.count.grouped) written, \(new.binaryUnits), "
            + "in \(seconds.shortSeconds)\(push); \(manifest.digest)"
    }

    /// What people do with it next.
    func nextSteps(_ reference: ImageReference) -> [String] {
        switch reference {
        case .layout(let path, let tag):
            [
                "base:  docker buildx build --build-context base=oci-layout://\(path):\(tag)@\(manifest.digest) .",
                "push:  skopeo copy \(reference) docker://REGISTRY/NAME:\(tag)",
            ]
        case .layoutArchive(let path, _) where ArchiveOutput.file(path).isStream: []
        case .dockerArchive(let path, _) where ArchiveOutput.file(path).isStream: []
        case .layoutArchive(_, let tag): ["push:  skopeo copy \(reference) docker://REGISTRY/NAME:\(tag)"]
        case .dockerArchive(let path, let name):
            [
                "load:  docker load -i \(path)",
                "push:  skopeo copy docker-archive:\(path) docker://REGISTRY/\(name ?? "NAME:latest")",
            ]
        case .dockerDaemon(let name): ["run:   docker run --rm \(name)"]
        }
    }

    /// For machines.
    func json(_ reference: ImageReference) -> JSONValue {
        .object([
            ("schemaVersion", .number(1)), ("reference", .string(reference.description)),
            ("manifest", .string(manifest.digest.description)), ("config", .string(config.digest.description)),
            ("size", .number(Double(layers.reduce(Int64(0)) { $0 + $1.blob.descriptor.size }))),
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
