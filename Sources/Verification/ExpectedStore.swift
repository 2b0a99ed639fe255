public import NixClosure
public import Pruning
public import SystemCalls

/// What a root file system should hold, and who says so.
public struct ExpectedStore: Sendable {
    /// Who says so, for people.
    public let origin: String
    /// The store paths with their hashes and sizes.
    public let infos: [PathInfo]
    /// Whether the hashes are those of the whole store paths, also where a record says that something was left out.
    private let isOfWholePaths: Bool
    /// Whether the source declares the references of all store paths.
    public private(set) var declaresReferences = true
    /// Store paths out of which something was left on purpose, and of which only the root file system itself says what
    /// is left.
    public private(set) var unproven: [StorePath] = []
    /// The error that occurred while reading the root file system's own database, if its registration was used alone.
    public private(set) var databaseFailure: ClosureError?

    /// The same with the hashes and sizes of what is left, where the record says that something was left out.
    ///
    /// - Parameter source: the store, where it is at hand: it knows what has to be left.
    public func without(_ pruned: PruneRecord, in source: Store?, workers: Int? = nil) -> ExpectedStore {
        guard isOfWholePaths else { return self }
        let (left, unproven) = pruned.applied(to: infos, from: source, workers: workers)
        var expectation = ExpectedStore(origin, left, isOfWholePaths: false)
        (expectation.unproven, expectation.databaseFailure) = (unproven, databaseFailure)
        expectation.declaresReferences = declaresReferences
        return expectation
    }

    private init(_ origin: String, _ infos: [PathInfo], isOfWholePaths: Bool) {
        self.origin = origin
        self.infos = infos
        self.isOfWholePaths = isOfWholePaths
    }

    /// Where a root file system's own registration is.
    public static let registration: Path = "nix-path-registration"

    /// The expectation that documents record. Hashes that they lack are computed from the store's own copies.
    public init(_ recorded: FoundClosure, in store: Store, workers: Int? = nil) throws(ClosureError) {
        self.init(recorded.origin, try recorded.infos.completed(in: store, workers: workers), isOfWholePaths: true)
        declaresReferences = recorded.declaresReferences
    }

    /// The union of the paths in the root file system's own registration and those in its own Nix database; nil if it
    /// has neither. An empty database counts as none. The record of the registration comes first for a path that both
    /// have. Unknown hashes are computed from the source's copies.
    ///
    /// - Throws: an error if the registration cannot be read, or if there is only a database, which cannot be read.
    public static func own(
        of rootfs: Path, in store: Store, source: Store, workers: Int? = nil
    ) throws(ClosureError) -> ExpectedStore? {
        let registered = try registered(in: rootfs, store)
        var listed: [PathInfo]?
        var failure: ClosureError?
        do throws(ClosureError) { listed = try DatabaseSource.used(by: store)?.allInfos() } catch {
            if registered == nil { throw error }
            failure = error
        }
        let origins = [registered.map { _ in "its registration" }, listed.map { _ in "its Nix database" }]
        if registered == nil, listed == nil { return nil }
        let known = Set((registered ?? []).map(\.path))
        let infos = try ((registered ?? []) + (listed ?? []).filter { !known.contains($0.path) })
            .completed(in: source, workers: workers)
        let origin = origins.compactMap { $0 }.joined(separator: " and ")
        var expectation = ExpectedStore(origin, infos, isOfWholePaths: false)
        expectation.databaseFailure = failure
        return expectation
    }

    private static func registered(in rootfs: Path, _ store: Store) throws(ClosureError) -> [PathInfo]? {
        let file = rootfs.appending(registration)
        guard try hasRegistration(file) else { return nil }
        let document = try ClosureDocument(reading: file, store)
        guard document.form == .registration, let infos = document.infos else { throw .noRegistration(file) }
        return infos
    }

    /// The store paths that the store's own Nix database lists; none if it cannot be read.
    public static func listed(in store: Store) -> Set<StorePath> {
        let infos = try? DatabaseSource.used(by: store)?.allInfos()
        return Set((infos ?? []).map(\.path))
    }

    private static func known(
        to store: Store, of paths: [StorePath], _ choice: SourceChoice
    ) throws(ClosureError) -> [StorePath] {
        do throws(ClosureError) {
            if choice == .auto || choice == .database, let database = try DatabaseSource.used(by: store) {
                return try database.infos(ofOnly: paths).map(\.path)
            }
        } catch { if choice == .database { throw error } }
        return paths.filter { store.has($0) }
    }

    private static func hasRegistration(_ file: Path) throws(ClosureError) -> Bool {
        let state: OwnFile.State
        do throws(Errno) { state = try OwnFile(path: file).state() } catch { throw .unreadable(file, error) }
        if state == .other { throw .noRegistration(file) }
        return state == .present
    }

    /// The store says what belongs to those of these paths that it has. Where it only knows its files, their hashes are
    /// computed.
    public static func asked(
        of store: Store, about paths: [StorePath], _ choice: SourceChoice, workers: Int? = nil
    ) throws(ClosureError) -> ExpectedStore {
        let known = try known(to: store, of: paths, choice)
        let found = try ClosureFinder(store, choice, workers: workers).find(known)
        let infos = try found.infos.completed(in: store, workers: workers)
        var expectation = ExpectedStore("the store's \(found.origin)", infos, isOfWholePaths: true)
        expectation.declaresReferences = found.declaresReferences
        return expectation
    }
}

extension Store {
    /// Whether there is anything under the store path's name.
    fileprivate func has(_ path: StorePath) -> Bool {
        (try? Directory.current.metadata(of: Name(physicalPath(of: path)), following: false)) != nil
    }
}
