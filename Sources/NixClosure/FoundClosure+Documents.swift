extension FoundClosure {
    /// The closure that documents record.
    ///
    /// Without roots, it has all store paths of the documents. With roots, it has the closure of the roots in the
    /// documents that record references, and all store paths of plain lists. If another document records a store path
    /// of a list, the references of that path belong to the closure. A root that is only in a list selects nothing,
    /// since its references are unknown. Without a recorded root, all store paths are used.
    ///
    /// - Parameters:
    ///   - documents: one or more, which are joined. If several record a store path, it has the references of all
    ///     records.
    ///   - roots: the roots that the user named, profiles included.
    /// - Throws: An error if no document has one of the roots, if a store path of the closure refers to one that no
    ///   document has, if a document lists a working file of Nix, or if documents contradict each other.
    public init(_ documents: [ClosureDocument], roots: [StorePath] = [], in store: Store) throws(ClosureError) {
        for document in documents {
            for path in document.storePaths where WorkingFiles.contains(path, in: store) {
                throw .workingFile(store.path(of: path), in: document.name)
            }
        }
        let listed = Set(documents.filter { $0.infos == nil }.flatMap(\.storePaths))
        let records = documents.flatMap { $0.infos ?? [] }
        let recorded = try records.joined(named: documents.map(\.name), in: store).inByteOrder
        let recordedPaths = Set(recorded.map(\.path))
        let contains = { path in recordedPaths.contains(path) || listed.contains(path) }
        for root in roots where !contains(root) {
            throw .notRecorded(store.path(of: root), in: documents.map(\.name))
        }
        let selecting = roots.filter(recordedPaths.contains)
        let selected = selecting.isEmpty ? recorded : ClosureGraph.reached(recorded, from: selecting + listed)
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
