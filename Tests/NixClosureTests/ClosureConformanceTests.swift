import NixClosure
import StoreFixture
import SystemCalls
import TestSupport
import Testing

/// Whoever can tell a closure.
enum Teller: String, CaseIterable {
    case database, nix, scan, scanWithOneWorker, registration, list, pathInfo

    /// Those that are asked about roots, and do not only say what they were given.
    static let sources: [Teller] = [.database, .nix, .scan, .scanWithOneWorker]

    func infos(of roots: [StorePath], in nix: NixStore) throws -> [PathInfo] {
        switch self {
        case .database: try DatabaseSource(nix.store).infos(of: roots)
        case .nix: try NixCommandSource(nix.store).infos(of: roots)
        case .scan: try ScanSource(nix.store, workers: 8).infos(of: roots)
        case .scanWithOneWorker: try ScanSource(nix.store, workers: 1).infos(of: roots)
        case .registration:
            try document(nix.ask(["--dump-db"] + nix.query("--requisites", roots).map { ByteString($0.bytes) }), nix)
                .infos ?? []
        case .pathInfo: try document(nix.pathInfo(roots), nix).infos ?? []
        case .list:
            try ScanSource(nix.store).infos(
                ofOnly: document(nix.query("--requisites", roots).map { ByteString($0.bytes) }, nix).storePaths)
        }
    }

    private func document(_ lines: [ByteString], _ nix: NixStore) throws -> ClosureDocument {
        let scratch = try Scratch()
        let bytes = lines.flatMap { $0.bytes + [UInt8(ascii: "\n")] }
        try TreeBuilder.build(at: scratch.path) { try $0.file("closure", .bytes(bytes)) }
        return try ClosureDocument(reading: Path(scratch / "closure"), nix.store)
    }
}

/// What every source has to tell of a store that Nix has built: what `nix-store --query` tells.
@Suite(.enabled(if: NixStore.obstacle == nil, "\(NixStore.obstacle ?? "")"), .serialized)
struct ClosureConformanceTests {
    private let nix: NixStore

    init() throws { nix = try NixStore.shared() }

    private func roots(_ names: [String]) throws -> [StorePath] { try names.map { try #require(nix.roots[$0]) } }

    private func infos(_ teller: Teller, _ names: [String]) throws -> [StorePath: PathInfo] {
        let infos = try teller.infos(of: roots(names), in: nix)
        return Dictionary(uniqueKeysWithValues: infos.map { ($0.path, $0) })
    }

    /// A family of 301 and what it needs: a path that names itself, outputs, a symlink, a file, a text.
    @Test(arguments: Teller.allCases) func theSameSet(_ teller: Teller) throws {
        let found = try infos(teller, ["family"])
        #expect(found.count == 309)
        #expect(Set(found.keys.map(nix.store.path(of:))) == Set(try nix.query("--requisites", roots(["family"]))))
    }

    @Test(arguments: Teller.allCases) func theSameReferences(_ teller: Teller) throws {
        for (path, info) in try infos(teller, ["large"]) {
            #expect(info.references.map(nix.store.path(of:)) == (try nix.query("--references", [path]).sorted()))
        }
    }

    /// As edges, which leave out those that lead to where they begin.
    @Test(arguments: Teller.allCases) func theSameReferencesOfMany(_ teller: Teller) throws {
        let lines = try nix.query("--graph", roots(["family"])).map(\.description)
        let edges = lines.filter { $0.contains("->") }.map { $0.split(separator: "\"") }.map { "\($0[2]) \($0[0])" }
        let found = try infos(teller, ["family"]).values.flatMap { info in
            info.references.filter { $0 != info.path }.map { "\(info.path) \($0)" }
        }
        #expect(edges.count > 600)
        #expect(Set(found) == Set(edges))
        #expect(found.count == edges.count)
    }

    @Test(arguments: Teller.sources) func severalRootsAndOneTwice(_ teller: Teller) throws {
        let names = ["stranger", "both", "stranger"]
        let found = try infos(teller, names)
        #expect(Set(found.keys.map(nix.store.path(of:))) == Set(try nix.query("--requisites", roots(names))))
    }

    @Test(arguments: Teller.sources) func pathsAloneAreTheSame(_ teller: Teller) throws {
        let source: any ClosureSource =
            switch teller {
            case .database: try DatabaseSource(nix.store)
            case .nix: NixCommandSource(nix.store)
            default: ScanSource(nix.store)
            }
        let found = try source.storePaths(of: roots(["family", "both"]))
        #expect(Set(found) == Set(try infos(teller, ["family", "both"]).keys))
        #expect(found.count == Set(found).count)
    }

    @Test(arguments: Teller.sources) func noRoots(_ teller: Teller) throws {
        #expect(try teller.infos(of: [], in: nix).isEmpty)
    }

    /// One that this store has not, whatever another may have.
    @Test(arguments: Teller.sources) func missingRoots(_ teller: Teller) throws {
        let missing = try #require(StorePath(baseName: "00000000000000000000000000000000-missing"))
        let error = #expect(throws: ClosureError.self) {
            try teller.infos(of: roots(["both"]) + [missing], in: nix)
        }
        // nix-store itself says which, on standard error.
        if teller != .nix { #expect(error?.path == nix.store.path(of: missing)) }
    }

    /// One hash part short of a character, and one in capitals, are none.
    @Test(arguments: Teller.sources) func whatOnlyLooksLikeAReference(_ teller: Teller) throws {
        #expect(try infos(teller, ["stranger"]).values.map(\.references) == [[]])
    }
}
