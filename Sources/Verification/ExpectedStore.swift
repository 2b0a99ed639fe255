public import NixClosure
public import Pruning
public import SystemCalls

/// The store paths that a root file system should have, and the source that lists them.
public struct ExpectedStore: Sendable {
    /// The name of the source, for people.
    public let origin: String
    /// The store paths with their hashes and sizes, as far as these are known.
    public private(set) var infos: [PathInfo]
    /// Whether the source is a part of the root file system: its own registration or database.
    public private(set) var isOwn = false
    /// Whether the hashes are those of complete store paths, even for paths that a record lists as pruned.
    private var isOfCompletePaths: Bool
    /// Whether the source declares the references of all store paths.
    public private(set) var declaresReferences = true
    /// Store paths from which something was left out on purpose, if only the root file system's own record says which
    /// entries are left.
    public private(set) var unproven: [StorePath] = []
    /// The errors that occurred while reading other sources. Each is a sentence that ends with the consequence.
    public private(set) var warnings: [String] = []
    /// The errors that occurred while computing hashes.
    private(set) var hashFailures: [StorePath: PathError] = [:]
    /// The rows of the root file system's own database that are malformed.
    private(set) var malformedRows: [Finding] = []

    /// Returns the expectation with the hashes and sizes of the remaining entries for each pruned path of the record.
    ///
    /// - Parameter source: the store, if there is one: it has the remaining entries too.
    public func without(_ pruned: PruneRecord, in source: Store?, workers: Int? = nil) -> ExpectedStore {
        guard isOfCompletePaths else { return self }
        var expectation = self
        (expectation.infos, expectation.unproven) = pruned.applied(to: infos, from: source, workers: workers)
        expectation.isOfCompletePaths = false
        return expectation
    }

    private init(
        _ origin: String, _ infos: [PathInfo], hashedIn store: Store?, workers: Int?, isOfCompletePaths: Bool
    ) {
        self.origin = origin
        let hashed = HashedInfos(infos, in: store, workers: workers)
        (self.infos, hashFailures) = (hashed.infos, hashed.failures)
        self.isOfCompletePaths = isOfCompletePaths
    }

    /// The path of a root file system's own registration.
    public static let registration: Path = "nix-path-registration"

    /// The expectation that documents record. Hashes that they lack are computed from the copies in a store.
    ///
    /// - Parameter store: the store; nil if it is the one that is verified, whose own copies prove nothing.
    public init(_ recorded: FoundClosure, in store: Store?, workers: Int? = nil) {
        self.init(recorded.origin, recorded.infos, hashedIn: store, workers: workers, isOfCompletePaths: true)
        declaresReferences = recorded.declaresReferences
    }

    /// The union of the paths in the root file system's own registration and those in its own Nix database; nil if it
    /// has neither. An empty database counts as none. For a path that both have, the record of the registration is
    /// used, and the hash of the database if the registration has none. Hashes that both lack are computed from the
    /// source's copies.
    ///
    /// - Parameter source: the store that the root file system was made from; nil if it is the root file system's own.
    /// - Throws: an error if the registration cannot be read, or if there is only a database, which cannot be read.
    public static func own(
        of rootfs: Path, in store: Store, source: Store?, workers: Int? = nil
    ) throws(ClosureError) -> ExpectedStore? {
        let registered = try registered(in: rootfs, store)
        var listing: DatabaseListing?
        var warnings: [String] = []
        do throws(ClosureError) { listing = try DatabaseSource.used(by: store)?.listing() } catch {
            if registered == nil { throw error }
            warnings = ["\(error); its registration is used alone"]
        }
        if registered == nil, listing == nil { return nil }
        let listed = Dictionary((listing?.infos ?? []).map { ($0.path, $0) }) { first, _ in first }
        let known = Set((registered ?? []).map(\.path))
        let infos =
            (registered ?? []).map { $0.hashed(as: listed[$0.path]) }
            + (listing?.infos ?? []).filter { !known.contains($0.path) }
        let origins = [registered.map { _ in "its registration" }, listing.map { _ in "its Nix database" }]
        let origin = origins.compactMap { $0 }.joined(separator: " and ")
        var expectation = ExpectedStore(origin, infos, hashedIn: source, workers: workers, isOfCompletePaths: false)
        expectation.isOwn = true
        expectation.warnings = warnings
        expectation.malformedRows = (listing?.malformed ?? []).map { Finding($0, in: store) }
        return expectation
    }

    private static func registered(in rootfs: Path, _ store: Store) throws(ClosureError) -> [PathInfo]? {
        let file = rootfs.appending(registration)
        guard try hasRegistration(file) else { return nil }
        let document = try ClosureDocument(reading: file, store)
        guard document.form == .registration, let infos = document.infos else { throw .noRegistration(file) }
        return infos
    }

    /// The store paths that the store's own Nix database lists; none if it has no database.
    public static func listed(in store: Store) throws(ClosureError) -> Set<StorePath> {
        Set((try DatabaseSource.used(by: store)?.listing().infos ?? []).map(\.path))
    }

    private static func hasRegistration(_ file: Path) throws(ClosureError) -> Bool {
        let state: OwnFile.State
        do throws(Errno) { state = try OwnFile(path: file).state() } catch { throw .unreadable(file, error) }
        if state == .other { throw .noRegistration(file) }
        return state == .present
    }

    /// The closure of those of these paths that the store knows. If the store has no database, these are the paths that
    /// exist in it, and their hashes are computed.
    public static func asked(
        of store: Store, about paths: [StorePath], _ choice: SourceChoice, workers: Int? = nil
    ) throws(ClosureError) -> ExpectedStore {
        var known: [StorePath]?
        var failure: ClosureError?
        do throws(ClosureError) {
            if choice == .auto || choice == .database, let database = try DatabaseSource.used(by: store) {
                known = try database.infos(ofOnly: paths).map(\.path)
            }
        } catch {
            if choice == .database { throw error }
            failure = error
        }
        let roots = if let known { known } else { try store.existing(paths) }
        let found = try ClosureFinder(store, choice, workers: workers).find(roots)
        var expectation = ExpectedStore(
            "the store's \(found.origin)", found.infos, hashedIn: store, workers: workers, isOfCompletePaths: true
        )
        expectation.declaresReferences = found.declaresReferences
        if let failure { expectation.warnings = ["\(failure); the store's \(found.origin) is used instead"] }
        return expectation
    }
}

extension Store {
    /// The store paths of which the store has an entry.
    fileprivate func existing(_ paths: [StorePath]) throws(ClosureError) -> [StorePath] {
        var existing: [StorePath] = []
        for storePath in paths {
            let path = physicalPath(of: storePath)
            do throws(Errno) {
                _ = try Directory.current.metadata(of: Name(path), following: false)
                existing.append(storePath)
            } catch {
                if error != .notFound, error != .notDirectory { throw .unreadable(path, error) }
            }
        }
        return existing
    }
}

extension PathInfo {
    /// Returns the info with the hash and the size of another record, if they are unknown.
    fileprivate func hashed(as other: PathInfo?) -> PathInfo {
        guard let other, narHash == nil else { return self }
        var info = self
        (info.narHash, info.narSize) = (other.narHash, other.narSize ?? narSize)
        return info
    }
}
