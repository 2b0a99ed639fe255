extension FoundClosure {
    /// The closure that documents record.
    ///
    /// Without roots, it has all store paths of the documents. With roots, it has the closure of the roots in the
    /// documents that record references, and all store paths of plain lists. If another document records a store path
    /// of a list, the references of that path belong to the closure. A root that is only in a list selects nothing,
    /// since its references are unknown: then all store paths are used.
    ///
    /// - Parameters:
    ///   - documents: one or more, which are joined. If several record a store path, the record of the first one is
    ///     used.
    ///   - roots: the roots that the user named, profiles included.
    /// - Throws: An error if no document has one of the roots, if a store path of the closure refers to one that no
    ///   document has, or if a document lists a working file of Nix.
    public init(_ documents: [ClosureDocument], roots: [StorePath] = [], in store: Store) throws(ClosureError) {
        for document in documents {
            for path in document.storePaths where WorkingFiles.contains(path, in: store) {
                throw .workingFile(store.path(of: path), in: document.name)
            }
        }
        let listed = Set(documents.filter { $0.infos == nil }.flatMap(\.storePaths))
        let recorded = documents.flatMap { $0.infos ?? [] }.inByteOrder.eachOnce
        let recordedPaths = Set(recorded.map(\.path))
        let contains = { path in recordedPaths.contains(path) || listed.contains(path) }
        for root in roots where !contains(root) {
            throw .notRecorded(store.path(of: root), in: documents.map(\.name))
        }
        let selects = !roots.isEmpty && roots.allSatisfy(recordedPaths.contains)
        let selected = selects ? ClosureGraph.reached(recorded, from: roots + listed) : recorded
        for info in selected {
            for reference in info.references where !contains(reference) {
                throw .open(store.path(of: info.path), reference: store.path(of: reference), documents.map(\.name))
            }
        }
        self.init(
            origin: Set(documents.map(\.form.rawValue)).sorted().joined(separator: ", "), recorded: selected,
            unrecorded: listed.subtracting(recordedPaths).sorted(), roots: roots)
    }
}
