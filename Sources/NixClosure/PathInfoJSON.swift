import JSON
import Nar
import SystemCalls

/// The forms of a closure that are JSON.
struct PathInfoJSON {
    private let name: Path
    private let store: Store

    /// What is wrong is named with its line or its key.
    static func parse(
        _ content: [UInt8], name: Path, _ store: Store
    ) throws(ClosureError) -> (form: ClosureDocument.Form, infos: [PathInfo]) {
        let value: JSONValue
        do throws(JSONReader.Failure) { value = try JSONReader.value(of: content) } catch {
            throw ClosureError(name, "\(name), line \(error.line): invalid JSON: \(error.expected) is expected")
        }
        let reader = PathInfoJSON(name: name, store: store)
        if let graphs = value["exportReferencesGraph"] { return (.attributes, try reader.graphs(graphs, value)) }
        return (.pathInfo, try reader.paths(value))
    }

    /// Each name in `exportReferencesGraph` has its closure under a key of that name.
    private func graphs(_ graphs: JSONValue, _ attributes: JSONValue) throws(ClosureError) -> [PathInfo] {
        let lists = Dictionary((attributes.members ?? []).map { (TextBytes($0.key), $0.value) }) { $1 }
        var infos: [PathInfo] = []
        var names: Set<TextBytes> = []
        for graph in try graphs.members.orThrow({ wrong("exportReferencesGraph", "names") }) {
            guard names.insert(TextBytes(graph.key)).inserted else { continue }
            let list = try lists[TextBytes(graph.key)].orThrow { wrong(graph.key, "a list of paths") }
            infos += try self.list(list, "\(graph.key) ")
        }
        return infos
    }

    private func paths(_ value: JSONValue) throws(ClosureError) -> [PathInfo] {
        guard let members = value.members else { return try list(value, "") }
        // The second version of Nix's form wraps the paths.
        let isWrapped = value["version"] != nil
        if isWrapped { try requireStore(of: value, "") }
        let paths = isWrapped ? try (value["info"]?.members).orThrow { wrong("info", "an object") } : members
        var infos: [PathInfo] = []
        for path in paths { infos.append(try info(path.value, path: path.key, key: path.key)) }
        return infos
    }

    private func list(_ value: JSONValue, _ prefix: String) throws(ClosureError) -> [PathInfo] {
        var infos: [PathInfo] = []
        for (index, record) in try value.elements.orThrow({ wrong(prefix, "a list of paths") }).enumerated() {
            let key = "\(prefix)[\(index)]"
            let path = try (record["path"]?.string).orThrow { wrong("\(key).path", "a store path") }
            infos.append(try info(record, path: path, key: key))
        }
        return infos
    }

    private func info(_ record: JSONValue, path: String, key: String) throws(ClosureError) -> PathInfo {
        let path = try storePath(.string(path), key)
        if record == .null || record["valid"] == .bool(false) {
            throw ClosureError(
                name,
                "\(name), key \(Path(key).quoted): '\(store.path(of: path))' is not valid: build it, and ask Nix again")
        }
        try requireStore(of: record, "\(key).")
        let list = try (record["references"]?.elements).orThrow { wrong("\(key).references", "a list of store paths") }
        var references: [StorePath] = []
        for (index, value) in list.enumerated() {
            references.append(try storePath(value, "\(key).references[\(index)]"))
        }
        var info = PathInfo(path, references: references)
        info.narHash = try record.known("narHash").map { (value) throws(ClosureError) in
            try hash(value).orThrow { wrong("\(key).narHash", "a SHA-256", value) }
        }
        info.narSize = try record.known("narSize").map { (value) throws(ClosureError) in
            try value.number.flatMap { UInt64(exactly: $0) }.orThrow {
                wrong("\(key).narSize", "a size in bytes", value)
            }
        }
        info.deriver = try record.known("deriver").map { (value) throws(ClosureError) in
            try storePath(value, "\(key).deriver")
        }
        return info
    }

    /// Refuses a document, or a record in it, whose `storeDir` is not the directory of the store.
    private func requireStore(of value: JSONValue, _ prefix: String) throws(ClosureError) {
        guard let directory = value.known("storeDir") else { return }
        guard let text = directory.string, text.utf8.elementsEqual(store.directory.bytes) else {
            throw ClosureError(
                name,
                "\(name), key \(Path("\(prefix)storeDir").quoted): the store is \(directory.textStart), not "
                    + "\(store.directory); name it with --store")
        }
    }

    /// A text or, in the second version of the form, parts of one.
    private func hash(_ value: JSONValue) -> NarHash? {
        if let text = value.string { return NarHash(text) }
        guard value["algorithm"]?.string == "sha256", let digits = value["hash"]?.string else { return nil }
        return NarHash("sha256:\(digits)")
    }

    /// The second version of the form leaves out the store's directory.
    private func storePath(_ value: JSONValue, _ key: String) throws(ClosureError) -> StorePath {
        let found = (value.string?.utf8).flatMap { text in
            text.first == Path.slash ? store.storePath(Array(text)[...]) : StorePath(baseName: Array(text)[...])
        }
        return try found.orThrow { wrong(key, "a store path in \(store.directory)", value) }
    }

    private func wrong(_ key: String, _ expected: String, _ value: JSONValue? = nil) -> ClosureError {
        let found = value.map { ", not \($0.textStart)" } ?? ""
        return ClosureError(
            name, "\(name)\(key.isEmpty ? "" : ", key \(Path(key).quotedStart)"): \(expected) is expected\(found)")
    }
}

extension JSONValue {
    /// nil for `null` too.
    fileprivate func known(_ key: String) -> JSONValue? {
        let value = self[key]
        return value == .null ? nil : value
    }
}
