import Nar
import NixClosure
import SystemCalls
import TestSupport
import Verification

/// A store with metadata as Nix has it, and a root file system with a copy of it, made without Nix.
struct StagedStore {
    static let app: ByteString = "00000000000000000000000000000000-app"
    static let library: ByteString = "11111111111111111111111111111111-library"
    static let file: ByteString = "22222222222222222222222222222222-file"
    static let all = [app, library, file]

    let scratch: Scratch
    /// What the root file system was made from.
    let source: Store
    /// The store in the root file system.
    let store: Store
    let infos: [PathInfo]
    var destination: ByteString { scratch / "out" }

    init(_ change: (TreeBuilder) throws -> Void = { _ in }) throws {
        scratch = try Scratch()
        try Command.succeed(["mkdir", "-p", scratch / "root/nix"])
        try TreeBuilder.build(at: scratch / "root/nix/store") { tree in
            try Self.fill(tree)
            try change(tree)
        }
        source = try Store(directory: "/nix/store", root: Path((scratch / "root").bytes))
        store = try Store(directory: "/nix/store", root: Path((scratch / "out").bytes))
        try Command.succeed(["cp", "-a", scratch / "root", scratch / "out"])
        let references = [Self.app: [Self.library, Self.app], Self.library: [], Self.file: []]
        infos = try Self.all.map { try PathInfo(Self.path($0), references: (references[$0] ?? []).map(Self.path)) }
            .completed(in: source)
    }

    static func path(_ name: ByteString) throws -> StorePath {
        guard let path = StorePath(baseName: Path(name.bytes)) else { throw TestError("no store path", path: name) }
        return path
    }

    private static let one = TestSupport.Timestamp(seconds: 1)
    private static let plain = Attributes(mode: 0o444, modified: one)

    private static func fill(_ tree: TreeBuilder) throws {
        let folder = Attributes(mode: 0o555, modified: one)
        try tree.file(app / "bin/program", .pattern(size: 300_000), Attributes(mode: 0o555, modified: one))
        try tree.file(
            app / "share/text", .text("uses /nix/store/\(library)/lib, and itself, /nix/store/\(app)."), plain)
        try tree.symbolicLink(app / "bin/lib", to: "/nix/store/\(library)/lib/lib.so", Attributes(modified: one))
        try tree.symbolicLink(app / "bin/beside", to: "../../\(library)/lib", Attributes(modified: one))
        try tree.symbolicLink(app / "etc", to: "/etc/of/the/container", Attributes(modified: one))
        try tree.symbolicLink(app / "broken", to: "share/no/such/file", Attributes(modified: one))
        try tree.symbolicLink(app / "loop", to: "loop/loop", Attributes(modified: one))
        try tree.file(library / "lib/lib.so", .pattern(size: 5000, seed: 2), plain)
        try tree.file(file, .text("a file"), plain)
        for path in [app, app / "bin", app / "share", library, library / "lib"] { try tree.directory(path, folder) }
    }

    /// Something in the root file system's store.
    func place(_ name: ByteString) -> ByteString { destination / "nix/store" / name }

    func registration(of some: [PathInfo]? = nil) throws -> ByteString {
        var text = ""
        for info in some ?? infos {
            text += "/nix/store/\(info.path)\n\(info.narHash?.base16 ?? "")\n\(info.narSize ?? 0)\n\n"
            text += "\(info.references.count)\n" + info.references.map { "/nix/store/\($0)\n" }.joined()
        }
        try Command.succeed(["mkdir", "-p", scratch / "lists"])
        try TreeBuilder.build(at: scratch / "lists") { try $0.file("registration", .text(text)) }
        return scratch / "lists/registration"
    }

    /// The expectation from a registration. Only in the root file system's own registration may references lead out of
    /// it.
    private func expectation(_ registration: ByteString, isOwn: Bool) throws -> ExpectedStore {
        if isOwn {
            try Command.succeed(["cp", registration, destination / "nix-path-registration"])
            if let own = try ExpectedStore.own(of: Path(destination.bytes), in: store, source: source) { return own }
        }
        let document = try ClosureDocument(reading: Path(registration.bytes), store)
        return ExpectedStore(try FoundClosure([document], in: store), in: source)
    }

    /// What a verification finds.
    func report(
        of some: [PathInfo]? = nil, _ change: (inout Verification) -> Void = { _ in }
    ) throws -> VerificationReport {
        var verification = Verification(of: store, try expectation(try registration(of: some), isOwn: some != nil))
        verification.source = source
        change(&verification)
        let report = try verification.run()
        try Command.succeed(["rm", "-r", scratch / "lists"])
        return report
    }

    /// Each finding as `kind entry file,file`.
    func findings(_ change: (inout Verification) -> Void = { _ in }) throws -> [String] {
        try report(change).findings.map(\.summary)
    }
}

extension Finding {
    /// The entry by its name without the hash.
    var summary: String {
        let name = StorePath(baseName: entry).map { String("\($0)".dropFirst(33)) } ?? "\(entry)"
        return ([kind, name] + (files.isEmpty ? [] : [files.map(\.description).joined(separator: ",")]))
            .joined(separator: " ")
    }
}
