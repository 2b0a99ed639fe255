extension FoundClosure {
    /// The closure that documents record.
    ///
    /// If all documents record references and there are roots, it is the closure of the roots. Otherwise it has all
    /// store paths of the documents, since the references of a path in a plain list are unknown.
    ///
    /// - Parameters:
    ///   - documents: one or more, which are joined. If several record a store path, the record of the first one is
    ///     used.
    ///   - roots: the roots that the user named.
    ///   - additions: store paths that belong to the closure too, such as profiles. Without roots they select nothing.
    /// - Throws: An error if no document has one of the roots or additions, or if a store path of the closure refers to
    ///   one that no document has.
    public init(
        _ documents: [ClosureDocument], roots: [StorePath] = [], additions: [StorePath] = [], in store: Store
    ) throws(ClosureError) {
        let listed = documents.filter { $0.infos == nil }.flatMap(\.storePaths)
        let recorded = documents.flatMap { $0.infos ?? [] }.inByteOrder.eachOnce
        let known = Closure(recorded.map(\.path) + listed)
        for path in roots + additions where !known.contains(path) {
            throw .notRecorded(store.path(of: path), in: documents.map(\.name))
        }
        let selects = !roots.isEmpty && listed.isEmpty
        let selected = selects ? ClosureGraph.reached(recorded, from: roots + additions) : recorded
        for info in selected {
            for reference in info.references where !known.contains(reference) {
                throw .open(store.path(of: info.path), reference: store.path(of: reference), documents.map(\.name))
            }
        }
        let closure = selected.count == recorded.count ? known : Closure(selected.map(\.path))
        self.init(
            origin: Set(documents.map(\.form.rawValue)).sorted().joined(separator: ", "), closure: closure,
            // The references of a path that is only in a list are unknown until a scan finds them.
            infos: selected.count == closure.storePaths.count ? selected : nil, roots: roots + additions)
    }
}
