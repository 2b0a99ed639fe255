import BillOfMaterials
import Image
import JSON
import NixClosure
import StoreFixture
import SystemCalls
import Testing

/// What a bill of materials says of a closure.
@Suite struct BillTests {
    private let store: Store
    private let graph: ClosureGraph
    private let bill: BillOfMaterials

    init() throws {
        store = try Store(directory: "/nix/store", root: nil)
        graph = try ClosureGraph(
            [
                try PathInfo("hello-2.12", ["c++lib-13.2.0-dev", "hello-2.12"]),
                try PathInfo("c++lib-13.2.0-dev"),
            ], roots: [try StorePath(named: "hello-2.12")], in: store)
        bill = Self.bill(graph, store, "one")
    }

    private static func bill(
        _ graph: ClosureGraph, _ store: Store, _ content: String, created: String = "1970-01-01T00:00:01Z"
    ) -> BillOfMaterials {
        BillOfMaterials(
            of: graph, in: store, manifest: Digest(of: Array(content.utf8)), created: created, tool: ("repot", "1"))
    }

    @Test(arguments: BillOfMaterials.Form.allCases) func theSameTwice(_ form: BillOfMaterials.Form) {
        #expect(bill.document(form) == Self.bill(graph, store, "one").document(form))
        #expect(bill.document(form) != Self.bill(graph, store, "two").document(form))
    }

    @Test func cycloneDXNamesWhatDependsOnWhat() throws {
        let json = try JSONReader.value(of: bill.document(.cyclonedx))
        let number = try #require(json["serialNumber"]?.string)
        #expect(try number.wholeMatch(of: Regex("urn:uuid:[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")) != nil)
        let components = try #require(json["components"]?.elements)
        #expect(components.map { $0["name"]?.string } == graph.infos.map { PackageName($0.path).name })
        #expect(
            Set(components.compactMap { $0["purl"]?.string }) == [
                "pkg:nix/hello@2.12", "pkg:nix/c%2B%2Blib@13.2.0?output=dev",
            ])
        let dependencies = try #require(json["dependencies"]?.elements)
        let hello = "\(try StorePath(named: "hello-2.12"))"
        let library = "\(try StorePath(named: "c++lib-13.2.0-dev"))"
        #expect(dependencies.first { $0["ref"]?.string == hello }?["dependsOn"]?.elements == [.string(library)])
        let image = json["metadata"]?["component"]?["bom-ref"]
        #expect(dependencies.first { $0["ref"] == image }?["dependsOn"]?.elements == [.string(hello)])
    }

    @Test(
        "the version does not contain the output, which is a qualifier of the package URL",
        arguments: [
            ("zlib-1.3-dev", "1.3", "pkg:nix/zlib@1.3?output=dev"), ("zlib-1.3", "1.3", "pkg:nix/zlib@1.3"),
            ("x-1.0-beta", "1.0-beta", "pkg:nix/x@1.0-beta"), ("x-1-beta-lib", "1-beta", "pkg:nix/x@1-beta?output=lib"),
            ("lib", nil, "pkg:nix/lib"), ("x-dev", nil, "pkg:nix/x-dev"),
        ] as [(String, String?, String)])
    func outputs(_ path: String, _ version: String?, _ location: String) throws {
        let graph = try ClosureGraph([try PathInfo(path)], roots: [try StorePath(named: path)], in: store)
        let bill = Self.bill(graph, store, "one")
        let cycloneDX = try JSONReader.value(of: bill.document(.cyclonedx))["components"]?.elements?.first
        #expect(cycloneDX?["version"]?.string == version && cycloneDX?["purl"]?.string == location)
        let packages = try JSONReader.value(of: bill.document(.spdx))["packages"]?.elements ?? []
        let package = packages.first { $0["supplier"] != nil }
        #expect(package?["versionInfo"]?.string == version)
        #expect(package?["externalRefs"]?.elements?.first?["referenceLocator"]?.string == location)
    }

    @Test func spdxNamesAreItsOwn() throws {
        let json = try JSONReader.value(of: bill.document(.spdx))
        #expect(json["spdxVersion"]?.string == "SPDX-2.3")
        let names = try #require(json["packages"]?.elements).compactMap { $0["SPDXID"]?.string }
        #expect(names.count == 3)
        #expect(try names.allSatisfy { try $0.wholeMatch(of: Regex("SPDXRef-[a-zA-Z0-9.-]+")) != nil })
        let relationships = try #require(json["relationships"]?.elements)
        let known = Set(names + ["SPDXRef-DOCUMENT"])
        for relationship in relationships {
            #expect(known.contains(relationship["spdxElementId"]?.string ?? ""))
            #expect(known.contains(relationship["relatedSpdxElement"]?.string ?? ""))
        }
        #expect(relationships.count { $0["relationshipType"]?.string == "DEPENDS_ON" } == 1)
    }

    /// SPDX has whole seconds, also of an image that says more.
    @Test(arguments: ["2026-01-01T00:00:00Z", "2026-01-01T00:00:00.5Z"])
    func spdxTimesAreWhole(_ created: String) throws {
        let bill = Self.bill(graph, store, "one", created: created)
        let spdx = try JSONReader.value(of: bill.document(.spdx))
        #expect(spdx["creationInfo"]?["created"]?.string == "2026-01-01T00:00:00Z")
        let cycloneDX = try JSONReader.value(of: bill.document(.cyclonedx))
        #expect(cycloneDX["metadata"]?["timestamp"]?.string == created)
    }

    /// By what is in the image, wherever it is written.
    @Test func namesAreTheRoots() throws {
        #expect(try JSONReader.value(of: bill.document(.spdx))["name"]?.string == "hello-2.12")
        let infos = try ["a", "b", "c", "d", "e"].map { try PathInfo($0) }
        let many = try ClosureGraph(infos, roots: infos.map(\.path), in: store)
        let spdx = try JSONReader.value(of: Self.bill(many, store, "one").document(.spdx))
        #expect(spdx["name"]?.string == "a, b, c and 2 more")
    }
}
