import Image
import JSON
import Nar
import NixClosure
import SystemCalls

extension BillOfMaterials {
    private static let document = "SPDXRef-DOCUMENT"
    private static let image = "SPDXRef-Image"

    func spdx(_ number: String) -> JSONValue {
        .object([
            ("spdxVersion", .string("SPDX-2.3")), ("dataLicense", .string("CC0-1.0")),
            ("SPDXID", .string(Self.document)), ("name", .string(name)), ("documentNamespace", .string(number)),
            (
                "creationInfo",
                .object([
                    ("created", .string(wholeSeconds)),
                    ("creators", .array([.string("Tool: \(tool.name)-\(tool.version)")])),
                ])
            ),
            ("packages", .array([imagePackage] + graph.infos.map(package))),
            ("relationships", .array(relationships)),
        ])
    }

    /// Source: SPDX 2.3, 6.9, 'Created field': no fraction.
    private var wholeSeconds: String {
        created.contains(".") ? created.prefix { $0 != "." } + "Z" : created
    }

    private var imagePackage: JSONValue {
        .object([
            ("SPDXID", .string(Self.image)), ("name", .string(name)), ("versionInfo", .string("\(manifest)")),
            ("primaryPackagePurpose", .string("CONTAINER")), ("downloadLocation", .string("NOASSERTION")),
            ("filesAnalyzed", .bool(false)), ("checksums", Self.checksum(manifest.hex)),
        ])
    }

    private func package(_ info: PathInfo) -> JSONValue {
        let package = PackageOutput(info.path)
        var members: [(String, JSONValue)] = [
            ("SPDXID", .string(Self.identifier(info.path))), ("name", .string(package.name)),
        ]
        if !package.version.isEmpty { members.append(("versionInfo", .string(package.version))) }
        members += [
            ("supplier", .string("NOASSERTION")), ("downloadLocation", .string("NOASSERTION")),
            ("filesAnalyzed", .bool(false)),
        ]
        if let hash = info.narHash { members.append(("checksums", Self.checksum(hash.base16))) }
        members += [
            (
                "externalRefs",
                .array([
                    .object([
                        ("referenceCategory", .string("PACKAGE-MANAGER")), ("referenceType", .string("purl")),
                        ("referenceLocator", .string(package.packageURL)),
                    ])
                ])
            ),
            (
                "comment",
                .string("The store path \(store.path(of: info.path)); the checksum is that of its archive (NAR).")
            ),
        ]
        return .object(members)
    }

    private static func checksum(_ hex: String) -> JSONValue {
        .array([.object([("algorithm", .string("SHA256")), ("checksumValue", .string(hex))])])
    }

    /// Letters, digits, dots and dashes are all that it may have; the hash tells store paths apart.
    private static func identifier(_ path: StorePath) -> String {
        let allowed = Set("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-".utf8)
        let bytes = path.description.utf8.map { allowed.contains($0) ? $0 : UInt8(ascii: "-") }
        return "SPDXRef-" + String(decoding: bytes, as: UTF8.self)
    }

    private var relationships: [JSONValue] {
        let described = Self.relationship(Self.document, "DESCRIBES", Self.image)
        let contained = graph.infos.map { Self.relationship(Self.image, "CONTAINS", Self.identifier($0.path)) }
        let needed = graph.infos.flatMap { info in
            dependencies(of: info).map {
                Self.relationship(Self.identifier(info.path), "DEPENDS_ON", Self.identifier($0))
            }
        }
        return [described] + contained + needed
    }

    private static func relationship(_ from: String, _ type: String, _ to: String) -> JSONValue {
        .object([
            ("spdxElementId", .string(from)), ("relationshipType", .string(type)), ("relatedSpdxElement", .string(to)),
        ])
    }
}
