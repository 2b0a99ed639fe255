import JSON
import NixClosure
import SystemCalls

extension ShownClosure {
    /// The store path that an operand means. A word without a slash that does not lead into the store is the name of a
    /// package of the closure.
    func storePath(named operand: String) throws(ClosureError) -> StorePath {
        do throws(ClosureError) { return try RootResolver(store).resolve(Path(operand)).storePath } catch {
            if operand.utf8.contains(Path.slash) { throw error }
            let paths = graph.storePaths(ofPackage: operand)
            guard let path = paths.first else { throw .noPackage(operand, error) }
            if paths.count > 1 { throw .ambiguous(operand, paths.map(store.path(of:))) }
            return path
        }
    }
}

/// Why a path belongs to a closure: the shortest chain to it.
struct ClosureReason {
    /// A path of the chain and where in it the next one is named.
    struct Link {
        let path: StorePath
        /// From the path; empty where it is itself a file or a symlink. nil for the last one, and where no file names
        /// the next one.
        let file: Path?
    }

    let links: [Link]
    private let shown: ShownClosure

    /// nil for what does not belong to it.
    init?(_ path: StorePath, in shown: ShownClosure) throws(ClosureError) {
        guard let chain = shown.graph.chain(to: path) else { return nil }
        self.shown = shown
        var links: [Link] = []
        for (index, path) in chain.enumerated() {
            let next = index + 1 < chain.count ? chain[index + 1] : nil
            links.append(
                Link(
                    path: path,
                    file: try next.flatMap { (next) throws(ClosureError) in
                        try ScanSource(shown.store).place(in: path, naming: next)
                    }))
        }
        self.links = links
    }

    var lines: [String] {
        links.enumerated().flatMap { index, link in
            let path = shown.store.path(of: link.path)
            if index == links.count - 1 { return [path.description] }
            guard let file = link.file else { return [path.description, "  no file names the next one"] }
            return [path.description, "  " + (file.bytes.isEmpty ? "itself" : file.quotedWhereNeeded)]
        }
    }

    var json: JSONValue {
        .object([
            ("schemaVersion", .number(1)),
            (
                "chain",
                .array(
                    links.map { link in
                        .object([
                            ("path", .string(shown.store.path(of: link.path).description)),
                            ("file", link.file.map { .string($0.description) } ?? .null),
                        ])
                    })
            ),
        ])
    }
}
