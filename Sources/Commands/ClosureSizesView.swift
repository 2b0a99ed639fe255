import FileTree
import NixClosure
import SystemCalls
import TreeCopy

/// The sizes in a closure as a table, the largest path first.
struct ClosureSizesView {
    private let sizes: ClosureSizes
    private let suspicions: [StorePath: String]

    init(_ shown: ShownClosure) throws(ClosureError) {
        sizes = ClosureSizes(shown.graph)
        var suspicions: [StorePath: String] = [:]
        for info in shown.graph.infos { suspicions[info.path] = try shown.suspicion(of: info.path) }
        self.suspicions = suspicions
    }

    func lines(_ columns: Columns) -> [StyledLine] {
        var columns = columns
        columns.add(["own", "closure", "alone", "path"], .heading)
        for row in sizes.rows.sorted(by: { ($1.own, $0.info.path) < ($0.own, $1.info.path) }) {
            let suspicion = suspicions[row.info.path]
            columns.add(
                [
                    row.own.binaryUnits, row.closure.binaryUnits, row.alone.binaryUnits,
                    "\(row.info.path)" + (suspicion.map { "  (\($0))" } ?? ""),
                ], suspicion == nil ? .plain : .warning)
        }
        return columns.lines + [StyledLine(summary)]
    }

    private var summary: String {
        let suspects = sizes.rows.filter { suspicions[$0.info.path] != nil }
        let bytes = suspects.lazy.map(\.own).saturatedSum
        let tail =
            suspects.isEmpty ? "" : "; \(suspects.count.counted("path")) of build time, it seems: \(bytes.binaryUnits)"
        return "\(sizes.rows.count.counted("path")), \(sizes.total.binaryUnits)\(tail)"
    }
}

extension ShownClosure {
    /// Why the path looks as if only a build needed it: by its name, or by the static archives in it.
    func suspicion(of path: StorePath) throws(ClosureError) -> String? {
        if let suspect = BuildTimeSuspect(path) { return suspect.rawValue }
        let bytes = try StaticArchives.size(in: store.physicalPath(of: path))
        return bytes == 0 ? nil : "static archives: \(bytes.binaryUnits)"
    }
}

/// Libraries that only a linker reads.
enum StaticArchives {
    /// The bytes of all files that are named as such, as far below as they are.
    static func size(in tree: Path) throws(ClosureError) -> Int64 {
        var walk = OrderedWalk(Name(tree), in: .current, AccessTimes())
        var bytes: Int64 = 0
        while let entry = try next(&walk, in: tree) {
            guard entry.kind == .regular, entry.path.suffix(2).elementsEqual(".a".utf8) else { continue }
            do throws(Errno) {
                bytes = bytes.addingSaturated(try entry.parent.metadata(of: entry.name, following: false).size)
            } catch { throw .unreadable(tree.appending(Path(entry.path)), error) }
        }
        return bytes
    }

    private static func next(_ walk: inout OrderedWalk, in tree: Path) throws(ClosureError) -> WalkEntry? {
        do throws(WalkFailure) { return try walk.next() } catch {
            throw .unreadable(tree.appending(Path(error.path)), error.errno)
        }
    }
}
