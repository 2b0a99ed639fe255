import Image
import Nar
import NixClosure
import Pruning
import SystemCalls
import Verification

/// The expected store paths of an image, and the source of that information.
struct ExpectedPaths {
    private static let unknownOrigin = "unknown"

    let origin: String
    let infos: [PathInfo]
    /// Whether the image should have all of the paths.
    let isComplete: Bool
    /// Pruned store paths whose hashes are only in the image's own record.
    private var unproven: Set<StorePath> = []

    /// Reads the paths from the documents, or else from the image, or else from the store's database, or else from the
    /// store's files. The image's record lists the pruned paths. Unknown hashes are computed from the store's files.
    init(
        of content: ImageContent, in store: Store, _ closure: FoundClosure?, workers: Int?
    ) throws(PathError) {
        let pruned = try Self.pruned(content, store)
        func completed(_ infos: [PathInfo]) throws(ClosureError) -> [PathInfo] {
            var infos = infos
            let computable = infos.indices.filter { index in
                let path = infos[index].path
                return content.storePaths[path] != nil && !pruned.contains(path) && (try? store.has(path)) == true
            }
            let completed = try computable.map { infos[$0] }.completed(in: store, workers: workers)
            for (index, info) in zip(computable, completed) { infos[index] = info }
            return infos
        }
        do throws(ClosureError) {
            let name = ExpectedStore.registration
            if let closure {
                let infos = try completed(closure.infos)
                self.init(closure.origin, pruned.applied(to: infos, from: store, workers: workers), isComplete: true)
            } else if let registration = content.documents[name] {
                let document = try ClosureDocument(registration, name: Path("/").appending(name), store)
                self.init("its registration", (try completed(document.infos ?? []), []), isComplete: true)
            } else if let database = try DatabaseSource.used(by: store) {
                let infos = try completed(try database.infos(ofOnly: Array(content.storePaths.keys)))
                self.init(
                    "the store's database", pruned.applied(to: infos, from: store, workers: workers),
                    isComplete: false)
            } else {
                let infos = content.storePaths.keys.filter { (try? store.has($0)) == true }.sorted()
                    .map { PathInfo($0, references: []) }
                self.init(
                    infos.isEmpty ? Self.unknownOrigin : "the store's files",
                    pruned.applied(to: try completed(infos), from: store, workers: workers), isComplete: false)
            }
        } catch { throw PathError(error.path, error.description, error.errno) }
    }

    private init(
        _ origin: String, _ expected: (infos: [PathInfo], unproven: [StorePath]), isComplete: Bool
    ) {
        self.origin = origin
        infos = expected.infos
        unproven = Set(expected.unproven)
        self.isComplete = isComplete
    }

    private static func pruned(_ content: ImageContent, _ store: Store) throws(PathError) -> PruneRecord {
        guard let record = content.documents[PruneRecord.path] else { return PruneRecord() }
        return try PruneRecord(record, named: Path("/").appending(PruneRecord.path), in: store)
    }
}

extension ExpectedPaths {
    private var reasonForUnknownHash: String {
        origin == Self.unknownOrigin
            ? "its hash is unknown: pass --closure FILE or --store-root DIR"
            : "its hash is not in \(origin)"
    }

    /// Returns the faults of store paths, and the store paths that cannot be checked.
    func check(
        _ content: ImageContent, in store: Store
    ) -> (findings: Set<ImageFinding>, unchecked: Set<UncheckedPath>) {
        var findings: Set<ImageFinding> = []
        var unchecked: Set<UncheckedPath> = []
        func find(_ path: StorePath, _ problem: ImageFinding.Problem) {
            findings.insert(ImageFinding("\(store.path(of: path))", problem))
        }
        let expected = Dictionary(infos.map { ($0.path, $0) }) { first, _ in first }
        for info in infos where isComplete && content.storePaths[info.path] == nil {
            guard let layer = content.opaqueLayer else { continue }
            unchecked.insert(UncheckedPath(path: info.path, reason: "the layer \(layer) is not a tar archive"))
        }
        // The content of a layer that cannot be read is unknown, and the layer has a finding of its own.
        for info in infos where content.isWhole {
            if isComplete, content.storePaths[info.path] == nil { find(info.path, .absent) }
            for reference in info.references where content.storePaths[reference] == nil && expected[reference] == nil {
                find(info.path, .refersToAbsent(reference))
            }
        }
        for (path, known) in content.storePaths {
            switch (known, expected[path]?.narHash) {
            case (.digest(let found), let hash?):
                if found.hash != hash {
                    find(path, .content(found: found.hash, expected: hash))
                } else if unproven.contains(path) {
                    let reason = "only the image's own record says what --prune has left"
                    unchecked.insert(UncheckedPath(path: path, reason: reason))
                }
            case (.unknown, _?) where content.mixed[path] != nil:
                findings.formUnion([content.mixed[path]].compactMap { $0 })
            case (.unknown(let reason), _?): unchecked.insert(UncheckedPath(path: path, reason: reason))
            case (_, nil) where isComplete && expected[path] == nil && !content.foreign.contains(path):
                find(path, .unknown)
            case (_, nil): unchecked.insert(UncheckedPath(path: path, reason: reasonForUnknownHash))
            }
        }
        return (findings, unchecked)
    }
}
