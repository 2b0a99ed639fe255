import FileTree
import Nar
public import NixClosure
public import SystemCalls

/// Checks whether a closure is complete in its store: every store path exists and refers only to store paths of the
/// closure, and no symlink dangles, except within its own store path. Where references are not known, no file may name
/// a store path that is absent. All files are read.
public struct ClosureCheck: Sendable {
    private let store: Store
    private let infos: [PathInfo]
    private let declaredCount: Int?
    /// Where an earlier run may have moved some of it.
    public var moved: Store?
    /// Whether the source declares the references of all store paths. If it does, the name of an absent store path in a
    /// file is only a note.
    public var declaresReferences = false
    /// What of a store path does not count, with all below it, by paths from there: a link that leads to such a store
    /// path may lead to nothing, and what it refers to is what files name that are left.
    public var excluded: [StorePath: Set<Path>] = [:]
    private let workers: Int
    private let isCancelled: @Sendable () -> Bool
    private let reading = ReadingProgress()

    /// - Parameters:
    ///   - infos: the closure; references are looked at as far as they are known.
    ///   - declaredCount: the number of store paths that the source named; nil if it is unknown.
    ///   - workers: how many; nil for one a processor.
    ///   - isCancelled: asked now and then, on any worker: true ends the check.
    public init(
        _ infos: [PathInfo], in store: Store, declaredCount: Int? = nil, workers: Int? = nil,
        isCancelled: @escaping @Sendable () -> Bool = { false }
    ) {
        self.infos = infos
        self.store = store
        self.declaredCount = declaredCount
        self.workers = workers ?? ProcessState.processors
        self.isCancelled = isCancelled
    }

    /// Entries and bytes of content that are done; may be asked from any thread meanwhile.
    public var progress: (entries: Int, bytes: Int64) { (reading.entries, reading.bytes) }

    /// All findings, notes included, in byte order of the paths. A cancelled check may have missed some.
    public func findings() -> [Finding] {
        var rules = InspectionRules(Set(infos.map(\.path)), in: store, movedTo: moved)
        rules.declaresReferences = declaresReferences
        rules.holed = Set(excluded.keys.map(\.baseName))
        let access = AccessTimes()
        let found = JobList(sizes: infos.map { $0.narSize ?? 0 }, workers: workers).run {
            [reading, isCancelled] in
            TreeReader(access, reading, isCancelled: isCancelled)
        } _: { [rules] reader, job in
            findings(of: infos[job].path, rules, reader)
        }
        let whole = infos.filter { excluded[$0.path] == nil }
        return (Self.openReferences(whole, among: infos) + found.joined() + countFindings(found)).sorted()
    }

    private func findings(
        of path: StorePath, _ rules: InspectionRules, _ reader: borrowing TreeReader
    ) -> [Finding] {
        let tree = store.physicalPath(of: path, orIn: moved)
        let isExcluded = excluded[path].map { excluded -> OrderedWalk.Exclusion in { excluded.contains(Path($0)) } }
        var inspection = Inspection(path, at: tree, rules)
        do throws(PathError) { try reader.read(tree, excluding: isExcluded, into: &inspection) } catch {
            return error.isCancelled ? [] : [Finding(path, .unreadable(error))]
        }
        return inspection.findings
    }

    /// What they refer to and is not among all.
    static func openReferences(_ infos: [PathInfo], among all: [PathInfo]) -> [Finding] {
        let known = Set(all.map(\.path))
        return infos.flatMap { info in
            info.references.filter { !known.contains($0) }.map { Finding(info.path, .refersToAbsent($0)) }
        }
    }

    private func countFindings(_ found: [[Finding]]) -> [Finding] {
        let unreadable = found.count { $0.contains { $0.kind == "unreadable" } }
        guard let declaredCount, declaredCount != infos.count - unreadable else { return [] }
        return [Finding(store.directory, .count(found: infos.count - unreadable, told: declaredCount))]
    }
}

extension Finding: Comparable {
    /// By path, then by file, then by what is wrong.
    public static func < (a: Finding, b: Finding) -> Bool {
        if a.entry != b.entry { return a.entry < b.entry }
        let (first, second) = (a.files.first?.bytes ?? [], b.files.first?.bytes ?? [])
        if first != second { return first.lexicographicallyPrecedes(second) }
        return a.order < b.order
    }

    private var order: String { "\(kind) \(problem)" }
}
