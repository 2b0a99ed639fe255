import Image
import ImageVerification
import Nar
import NixClosure
import StoreFixture
import SystemCalls
import Tar
import TestSupport
import Testing

/// An image layout of a store that was made without Nix, and what Nix would know of that store.
struct TestImage {
    static let app = "00000000000000000000000000000000-app"
    static let library = "11111111111111111111111111111111-library"
    static let file = "22222222222222222222222222222222-file"
    static let link = "33333333333333333333333333333333-link"
    static let all = [app, library, file, link]

    let scratch: Scratch
    let store: Store
    var layout: ByteString { scratch / "image" }
    var reference: String { "oci:\(layout)" }

    /// - Parameters:
    ///   - layers: which store paths are in which.
    ///   - altered: content that the image has and Nix does not know of.
    ///   - mode: of one of its files.
    init(
        _ compression: ArchiveCompression = .none, layers: [[String]] = [[library, link], [app, file]],
        altered: ByteString? = nil, mode: ByteString? = nil, registers: Bool = false
    ) throws {
        scratch = try Scratch()
        store = try Store(directory: "/nix/store", root: Path((scratch / "root").bytes))
        try Self.fill(scratch / "root/nix/store")
        let infos = try Self.all.map { PathInfo(try Self.path($0), references: []) }.completed(in: store)
        try TreeBuilder.build(at: scratch / "lists") { try $0.file("closure", .text(Self.registration(infos))) }
        if let altered {
            try Command.succeed(["sh", "-c", "printf altered > \"$0\"", scratch / "root/nix/store" / altered])
        }
        try Command.succeed([
            "find", scratch / "root/nix/store", "-mindepth", "1", "(", "-type", "d", "-o", "-perm", "/100", ")", "!",
            "-type", "l",
            "-exec", "chmod", "555", "{}", "+", "-o", "-type", "f", "-exec", "chmod", "444", "{}", "+",
        ])
        if let mode {
            try Command.succeed(["chmod", mode, scratch / "root/nix/store" / ByteString(Self.app) / "empty"])
        }
        let known = Dictionary(uniqueKeysWithValues: infos.map { ($0.path, $0) })
        var plans = try layers.map { names in
            LayerPlan(try names.compactMap { known[try Self.path($0)] }, in: store)
        }
        // Of a store, repot gives files the store's modes.
        if mode != nil { plans = plans.map { LayerPlan($0.items) } }
        if registers {
            let text = Array(Self.registration(infos).utf8)
            plans.append(LayerPlan([ArchiveItem("nix-path-registration", .file(text, mode: 0o444))]))
        }
        var spec = ImageSpec(layers: plans, configuration: ImageConfiguration())
        spec.options.compression = compression
        _ = try ImageWriter(spec).write(to: try ImageLayout(Path(layout.bytes), makes: true), tag: "latest")
    }

    private static func fill(_ folder: ByteString) throws {
        try Command.succeed(["mkdir", "-p", folder])
        for name in all.map({ ByteString($0) }) where name != ByteString(link) && name != ByteString(file) {
            try TreeBuilder.build(at: folder / name) { tree in
                // Of equal content, so that the second is a link in the layer, small ones and large ones.
                for path in ["bin/run", "bin/walk", "lib.d/a", "lib/a", "lib-b"] as [ByteString] {
                    try tree.file(path, .text("the same"), Attributes(mode: 0o555))
                }
                for path in ["large-1", "large-2"] as [ByteString] {
                    try tree.file(path, .pattern(size: 700_000), Attributes(mode: 0o444))
                }
                try tree.file("empty")
                try tree.symbolicLink("where", to: "no/where")
                try tree.file(ByteString(String(repeating: "deep/", count: 40)) + "end", .text("end"))
            }
        }
        try TreeBuilder.build(at: folder / "more") { tree in
            try tree.file(ByteString(file), .text("a file"))
            try tree.symbolicLink(ByteString(link), to: "/nix/store/\(file)")
        }
        try Command.succeed(["sh", "-c", "mv \"$0\"/more/* \"$0\" && rmdir \"$0\"/more", folder])
    }

    static func path(_ name: String) throws -> StorePath {
        guard let path = StorePath(baseName: Path(name)) else { throw TestError("no store path: \(name)") }
        return path
    }

    private static func registration(_ infos: [PathInfo]) -> String {
        infos.map { "/nix/store/\($0.path)\n\($0.narHash?.base16 ?? "")\n\($0.narSize ?? 0)\n\n0\n" }.joined()
    }

    /// What a verification finds, each as `kind subject`; a store path by its name, a blob by `blob`.
    func findings(
        _ reference: String? = nil, against closure: ByteString? = "closure",
        _ change: (inout ImageVerification) -> Void = { _ in }
    ) throws -> [String] {
        try report(reference, against: closure, change).findings.map { "\($0.kind) \(Self.short($0.subject))" }.sorted()
    }

    func report(
        _ reference: String? = nil, against closure: ByteString? = "closure",
        _ change: (inout ImageVerification) -> Void = { _ in }
    ) throws -> ImageVerificationReport {
        guard let parsed = ImageReference(reference ?? self.reference) else { throw TestError("no reference") }
        var verification = ImageVerification(of: parsed, in: store)
        verification.closure = try closure.map { name in
            let document = try ClosureDocument(reading: Path((scratch / "lists" / name).bytes), store)
            return try FoundClosure([document], in: store)
        }
        change(&verification)
        return try verification.run()
    }

    private static func short(_ subject: String) -> String {
        if subject.hasPrefix("sha256:") { return "blob" }
        let last = "\(Path(subject).lastComponent)"
        return StorePath(baseName: Path(last)).map(\.name) ?? subject
    }
}

/// The documents and the blobs of the layout.
extension TestImage {
    private func blob(_ digest: Digest) -> ByteString { layout / "blobs/sha256" / ByteString(digest.hex) }

    var index: [UInt8] { get throws { try readSmallFile(Path((layout / "index.json").bytes)) } }

    func content(_ digest: Digest) throws -> [UInt8] { try readSmallFile(Path(blob(digest).bytes)) }

    /// The digests that a document names, in its order.
    static func digests(in document: [UInt8]) -> [Digest] {
        String(decoding: document, as: UTF8.self).split(separator: "\"").compactMap { Digest(String($0)) }
    }

    /// The manifest, the configuration and the layers.
    var blobs: (manifest: Digest, config: Digest, layers: [Digest]) {
        get throws {
            let manifest = try #require(Self.digests(in: index).first)
            let parts = Self.digests(in: try content(manifest))
            return (manifest, parts[0], Array(parts.dropFirst()))
        }
    }

    func write(_ bytes: [UInt8], _ name: ByteString) throws {
        let file = layout / name
        try Command.succeed(["rm", "-f", file])
        try TreeBuilder.build(at: scratch / "new") { try $0.file("file", .bytes(bytes)) }
        try Command.succeed(["mv", scratch / "new/file", file])
        try Command.succeed(["rmdir", scratch / "new"])
    }

    func flip(_ digest: Digest, at place: Int) throws {
        var bytes = try content(digest)
        bytes[place] ^= 0x10
        try write(bytes, "blobs/sha256" / ByteString(digest.hex))
    }

    func remove(_ digest: Digest) throws { try Command.succeed(["rm", blob(digest)]) }

    /// Another document in the place of one, and all that lead to it with the right digest and size.
    func replace(_ digest: Digest, _ change: (String) -> String) throws {
        let (manifest, config, _) = try blobs
        let old = try content(digest)
        let new = Array(change(String(decoding: old, as: UTF8.self)).utf8)
        try write(new, "blobs/sha256" / ByteString(Digest(of: new).hex))
        let pointed = { (text: String) in
            text.replacing("\"\(digest)\",\"size\":\(old.count)", with: "\"\(Digest(of: new))\",\"size\":\(new.count)")
        }
        if digest == config { return try replace(manifest, pointed) }
        try write(Array(pointed(String(decoding: try index, as: UTF8.self)).utf8), "index.json")
    }
}
