import JSON
import Nar
import NixClosure
import SystemCalls

extension ShownClosure {
    /// For machines. Its fields are listed in the documentation, 'Closures'.
    var json: JSONValue {
        let sizes = ClosureSizes(graph)
        let rows = Dictionary(uniqueKeysWithValues: sizes.rows.map { ($0.info.path, $0) })
        return .object([
            ("schemaVersion", .number(1)), ("store", .string(store.directory.description)),
            ("source", .string(origin)), ("roots", .array(graph.roots.map(json))),
            ("narSize", .number(Double(sizes.total))),
            ("paths", .array(graph.dependenciesFirst.compactMap { rows[$0.path] }.map(json))),
        ])
    }

    private func json(_ path: StorePath) -> JSONValue { .string(store.path(of: path).description) }

    private func json(_ row: ClosureSizes.Row) -> JSONValue {
        .object([
            ("path", json(row.info.path)), ("narSize", .number(Double(row.own))),
            ("closureSize", .number(Double(row.closure))), ("aloneSize", .number(Double(row.alone))),
            ("narHash", row.info.narHash.map { .string($0.description) } ?? .null),
            ("references", .array(row.info.references.map(json))), ("deriver", row.info.deriver.map(json) ?? .null),
            ("suspect", BuildTimeSuspect(row.info.path).map { .string($0.rawValue) } ?? .null),
        ])
    }
}
