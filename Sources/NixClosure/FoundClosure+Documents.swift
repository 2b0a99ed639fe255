extension FoundClosure {
    /// The closure that documents record.
    ///
    /// If all documents record references and there are roots, it is the closure of the roots. Otherwise it has all store
    /// paths of the documents: what a path in a plain list refers to is unknown.
    ///
    /// - Parameters:
    ///   - documents: one or more, which are joined. What the first of them records about a store path counts.
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
            // Only a scan finds the references of a path that is in a list alone.
            infos: selected.count == closure.storePaths.count ? selected : nil, roots: roots + additions)
    }
}
