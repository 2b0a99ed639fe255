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
    /// Store paths out of which something was left on purpose, and of which only the root file system itself says what
    /// is left.
    public private(set) var unproven: [StorePath] = []

    /// The same with the hashes and sizes of what is left, where the record says that something was left out.
    ///
    /// - Parameter source: the store, where it is at hand: it knows what has to be left.
    public func without(_ pruned: PruneRecord, in source: Store?, workers: Int? = nil) -> ExpectedStore {
        guard isOfWholePaths else { return self }
        let (left, unproven) = pruned.applied(to: infos, from: source, workers: workers)
        var expectation = ExpectedStore(origin, left, isOfWholePaths: false)
        expectation.unproven = unproven
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
        let infos = recorded.infos ?? recorded.closure.storePaths.map { PathInfo($0, references: []) }
        self.init(recorded.origin, try infos.completed(in: store, workers: workers), isOfWholePaths: true)
    }

    /// The root file system says so itself, by its registration or else by its Nix database; nil where it has neither.
    /// Hashes that are not there are computed from the source's copies.
    public static func own(
        of rootfs: Path, in store: Store, source: Store, workers: Int? = nil
    ) throws(ClosureError) -> ExpectedStore? {
        let file = rootfs.appending(registration)
        if try hasRegistration(file) {
            let document = try ClosureDocument(reading: file, store)
            guard document.form == .registration, let infos = document.infos else { throw .noRegistration(file) }
            let whole = try infos.completed(in: source, workers: workers)
            return ExpectedStore("its registration", whole, isOfWholePaths: false)
        }
        guard try DatabaseSource.exists(for: store) else { return nil }
        let infos = try DatabaseSource(store).allInfos().completed(in: source, workers: workers)
        return ExpectedStore("its Nix database", infos, isOfWholePaths: false)
    }

    private static func known(
        to store: Store, of paths: [StorePath], _ choice: SourceChoice
    ) throws(ClosureError) -> [StorePath] {
        do throws(ClosureError) {
            if choice == .auto || choice == .database, try DatabaseSource.exists(for: store) {
                return try DatabaseSource(store).infos(ofOnly: paths).map(\.path)
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
        let infos = try (found.infos ?? []).completed(in: store, workers: workers)
        return ExpectedStore("the store's \(found.origin)", infos, isOfWholePaths: true)
    }
}

extension Store {
    /// Whether there is anything under the store path's name.
    fileprivate func has(_ path: StorePath) -> Bool {
        (try? Directory.current.metadata(of: Name(physicalPath(of: path)), following: false)) != nil
    }
}
