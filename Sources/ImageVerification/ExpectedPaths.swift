import Image
import Nar
import NixClosure
import Pruning
import SystemCalls
import Verification

/// What the store paths of an image should be, and who says so.
struct ExpectedPaths {
    private static let nobody = "nobody"

    let origin: String
    let infos: [PathInfo]
    /// It tells of all that should be there, and not only of what is.
    let isComplete: Bool
    /// Store paths of which only the image's own record says what `--prune` has left.
    private var unproven: Set<StorePath> = []

    /// Reads the paths from the documents, or else from the image, or else from the store's database. The image's
    /// record lists the pruned paths.
    init(of content: ImageContent, in store: Store, _ closure: FoundClosure?) throws(PathError) {
        let pruned = try Self.pruned(content, store)
        do throws(ClosureError) {
            let name = ExpectedStore.registration
            if let closure {
                self.init(closure.origin, pruned.applied(to: closure.infos, from: store), isComplete: true)
            } else if let registration = content.documents[name] {
                let document = try ClosureDocument(registration, name: Path("/").appending(name), store)
                self.init("its registration", (document.infos ?? [], []), isComplete: true)
            } else if let database = try DatabaseSource.used(by: store) {
                let infos = try database.infos(ofOnly: Array(content.storePaths.keys))
                self.init("the store's database", pruned.applied(to: infos, from: store), isComplete: false)
            } else {
                self.init(Self.nobody, ([], []), isComplete: false)
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
    private var reasonOfSilence: String {
        origin == Self.nobody
            ? "nobody knows its hash: name the closure with --closure, or the store with --store-root"
            : "\(origin) does not know its hash"
    }

    /// What is wrong with store paths, and of which nothing can be said.
    func check(
        _ content: ImageContent, in store: Store
    ) -> (findings: Set<ImageFinding>, unchecked: Set<UncheckedPath>) {
        var findings: Set<ImageFinding> = []
        var unchecked: Set<UncheckedPath> = []
        func find(_ path: StorePath, _ problem: ImageFinding.Problem) {
            findings.insert(ImageFinding("\(store.path(of: path))", problem))
        }
        let expected = Dictionary(infos.map { ($0.path, $0) }) { first, _ in first }
        // What is in a layer that cannot be read nobody knows; the layer is the news.
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
            case (.unknown(let reason), _?): unchecked.insert(UncheckedPath(path: path, reason: reason))
            case (_, nil) where isComplete && expected[path] == nil && !content.foreign.contains(path):
                find(path, .unknown)
            case (_, nil): unchecked.insert(UncheckedPath(path: path, reason: reasonOfSilence))
            }
        }
        return (findings, unchecked)
    }
}
