import Image
import JSON
import Nar
import NixClosure
import SystemCalls

extension BillOfMaterials {
    func cycloneDX(_ number: String) -> JSONValue {
        .object([
            ("bomFormat", .string("CycloneDX")), ("specVersion", .string("1.5")), ("serialNumber", .string(number)),
            ("version", .number(1)), ("metadata", metadata), ("components", .array(graph.infos.map(component))),
            ("dependencies", .array(dependencies)),
        ])
    }

    private var metadata: JSONValue {
        let program = JSONValue.object([
            ("type", .string("application")), ("name", .string(tool.name)), ("version", .string(tool.version)),
        ])
        return .object([
            ("timestamp", .string(created)), ("tools", .object([("components", .array([program]))])),
            (
                "component",
                .object([
                    ("type", .string("container")), ("bom-ref", .string("\(manifest)")), ("name", .string(name)),
                    ("version", .string("\(manifest)")),
                ])
            ),
        ])
    }

    private func component(_ info: PathInfo) -> JSONValue {
        let package = PackageOutput(info.path)
        var members: [(String, JSONValue)] = [
            ("type", .string("library")), ("bom-ref", .string("\(info.path)")), ("name", .string(package.name)),
        ]
        if !package.version.isEmpty { members.append(("version", .string(package.version))) }
        if let hash = info.narHash {
            members.append(
                ("hashes", .array([.object([("alg", .string("SHA-256")), ("content", .string(hash.base16))])])))
        }
        members += [("purl", .string(package.packageURL)), ("properties", .array(properties(of: info)))]
        return .object(members)
    }

    private func properties(of info: PathInfo) -> [JSONValue] {
        var pairs = [("nix:storePath", "\(store.path(of: info.path))")]
        if let hash = info.narHash { pairs.append(("nix:narHash", "\(hash)")) }
        if let size = info.narSize { pairs.append(("nix:narSize", "\(size)")) }
        return pairs.map { .object([("name", .string($0.0)), ("value", .string($0.1))]) }
    }

    private var dependencies: [JSONValue] {
        let image = Self.dependency("\(manifest)", graph.roots)
        return [image] + graph.infos.map { Self.dependency("\($0.path)", dependencies(of: $0)) }
    }

    private static func dependency(_ from: String, _ on: [StorePath]) -> JSONValue {
        .object([("ref", .string(from)), ("dependsOn", .array(on.sorted().map { .string($0.description) }))])
    }
}
