import FoundationEssentials
import Nar
import SystemCalls

/// The forms of a closure that are JSON.
enum PathInfoJSON {
    /// What is wrong is named with its line or its key.
    static func parse(
        _ content: [UInt8], name: Path, _ store: Store
    ) throws(ClosureError) -> (form: ClosureDocument.Form, infos: [PathInfo]) {
        let document: Document
        do { document = try JSONDecoder().decode(Document.self, from: Data(content)) } catch {
            throw ClosureError(name, "\(name): \(explain(error))")
        }
        var infos: [PathInfo] = []
        for record in document.records { infos.append(try info(record, name, store)) }
        return (document.form, infos)
    }

    private static func info(_ record: Record, _ name: Path, _ store: Store) throws(ClosureError) -> PathInfo {
        let fields = record.fields
        let wrong = { (what: String, text: String) in
            ClosureError(name, "\(name), key '\(record.key)': '\(text)' is no \(what)")
        }
        let storePath = { (text: String) throws(ClosureError) in
            // The second version of Nix's form leaves out the store's directory.
            let path = text.hasPrefix("/") ? Path(text) : store.directory.appending(Path(text))
            return try store.storePath(path).orThrow { wrong("store path in \(store.directory)", text) }
        }
        let path = try storePath(record.path)
        guard let fields, fields.valid != false else {
            throw ClosureError(
                name,
                "\(name), key '\(record.key)': '\(store.path(of: path))' is not valid: build it, and ask Nix again")
        }
        var references: [StorePath] = []
        for reference in try fields.references.orThrow({ wrong("path with references", record.path) }) {
            references.append(try storePath(reference))
        }
        var info = PathInfo(path, references: references)
        info.narHash = try fields.narHash.map { (hash) throws(ClosureError) in
            try NarHash(hash.text).orThrow { wrong("SHA-256", hash.text) }
        }
        info.narSize = fields.narSize
        info.deriver = try fields.deriver.map { (text) throws(ClosureError) in try storePath(text) }
        return info
    }

    private static func explain(_ error: any Error) -> String {
        guard let error = error as? DecodingError else { return "\(error)" }
        switch error {
        case .typeMismatch(_, let context), .valueNotFound(_, let context), .keyNotFound(_, let context),
            .dataCorrupted(let context):
            if let reason = context.underlyingError { return "no JSON: \(reason)" }
            let key = context.codingPath.map(\.stringValue).joined(separator: ", ")
            return (key.isEmpty ? "" : "key '\(key)': ") + context.debugDescription
        @unknown default: return "\(error)"
        }
    }
}

/// A path's entry and where it stands.
private struct Record {
    let key: String
    let path: String
    /// nil where Nix says that the path is not valid.
    let fields: Fields?
}

private struct Fields: Decodable {
    var path: String?
    var references: [String]?
    var narHash: HashText?
    var narSize: UInt64?
    var deriver: String?
    var valid: Bool?
}

/// A hash as text or, in the second version of the form, in parts.
private struct HashText: Decodable {
    let text: String

    private enum Key: CodingKey { case algorithm, format, hash }

    init(from decoder: any Decoder) throws {
        if let plain = try? decoder.singleValueContainer().decode(String.self) {
            text = plain
            return
        }
        let parts = try decoder.container(keyedBy: Key.self)
        text = try parts.decode(String.self, forKey: .algorithm) + ":" + parts.decode(String.self, forKey: .hash)
    }
}

private struct AnyKey: CodingKey {
    let stringValue: String
    var intValue: Int? { nil }

    init(stringValue: String) { self.stringValue = stringValue }

    init?(intValue: Int) { nil }
}

private struct Document: Decodable {
    let form: ClosureDocument.Form
    let records: [Record]

    private static let graph = AnyKey(stringValue: "exportReferencesGraph")
    private static let version = AnyKey(stringValue: "version")
    private static let info = AnyKey(stringValue: "info")

    init(from decoder: any Decoder) throws {
        guard let object = try? decoder.container(keyedBy: AnyKey.self) else {
            form = .pathInfo
            records = try Self.array(try decoder.singleValueContainer().decode([Fields].self), [])
            return
        }
        if object.contains(Self.graph) {
            form = .attributes
            records = try Self.graphs(object)
        } else {
            form = .pathInfo
            let paths =
                object.contains(Self.version)
                ? try object.nestedContainer(keyedBy: AnyKey.self, forKey: Self.info) : object
            records = try paths.allKeys.sorted { $0.stringValue < $1.stringValue }.map { key in
                Record(
                    key: key.stringValue, path: key.stringValue,
                    fields: try paths.decodeNil(forKey: key) ? nil : try paths.decode(Fields.self, forKey: key))
            }
        }
    }

    /// Each name in `exportReferencesGraph` has its closure under a key of that name.
    private static func graphs(_ object: KeyedDecodingContainer<AnyKey>) throws -> [Record] {
        let names = try object.nestedContainer(keyedBy: AnyKey.self, forKey: graph).allKeys
        return try names.sorted { $0.stringValue < $1.stringValue }.flatMap { name in
            try array(try object.decode([Fields].self, forKey: name), [name])
        }
    }

    private static func array(_ fields: [Fields], _ way: [AnyKey]) throws -> [Record] {
        try fields.enumerated().map { index, fields in
            let key = (way.map(\.stringValue) + ["Index \(index)"]).joined(separator: ", ")
            guard let path = fields.path else {
                throw DecodingError.keyNotFound(
                    AnyKey(stringValue: "path"),
                    DecodingError.Context(
                        codingPath: way + [AnyKey(stringValue: "Index \(index)")], debugDescription: "'path' is missing"
                    ))
            }
            return Record(key: key, path: path, fields: fields)
        }
    }
}
