import Glibc
import Synchronization

/// Mounts file systems for tests, each at most once per process, and unmounts them at its end.
public enum FileSystemMatrix {
    /// A mounted file system, or why there is none.
    public enum Availability: Sendable {
        case mounted(MountedFileSystem)
        case unavailable(reason: String)

        /// The mounted file system, if there is one.
        public var fileSystem: MountedFileSystem? {
            if case .mounted(let system) = self { system } else { nil }
        }
    }

    private static let workshop = Mutex<MountWorkshop?>(nil)
    private static let shared = Mutex<[FileSystemKind: Availability]>([:])

    /// The file system of this kind that the whole process shares, mounted on first use.
    public static func mount(_ kind: FileSystemKind) -> Availability {
        shared.withLock { shared in
            if let known = shared[kind] { return known }
            let answer = attempt { try makeShared(kind) }
            shared[kind] = answer
            return answer
        }
    }

    /// A fresh overlay whose lower layer `fill` makes before it is mounted.
    ///
    /// - Parameter base: what holds the layers; an overlay cannot hold another's.
    public static func overlay(
        on base: FileSystemKind = .tmpfs, fillingLower fill: (ByteString) throws -> Void = { _ in }
    ) -> Availability {
        guard base != .overlay else { return .unavailable(reason: "an overlay needs another base") }
        switch mount(base) {
        case .unavailable(let reason): return .unavailable(reason: reason)
        case .mounted(let system): return attempt { try withWorkshop { try $0.overlay(on: system, fill) } }
        }
    }

    /// A fresh file system without reflinks of which repot knows nothing, as network ones are; nil by the policy below.
    public static func ramfs() throws -> MountedFileSystem? {
        try require(attempt { try withWorkshop { try $0.ramfs() } }, .tmpfs)
    }

    /// The same by policy: on CI a missing file system is a failure, elsewhere it is reported and nil.
    public static func require(_ kind: FileSystemKind) throws -> MountedFileSystem? {
        try require(mount(kind), kind)
    }

    /// Applies the policy to an answer of `overlay` or `mount`.
    public static func require(
        _ answer: Availability, _ kind: FileSystemKind
    ) throws -> MountedFileSystem? {
        switch answer {
        case .mounted(let system): return system
        case .unavailable(let reason):
            let message = "\(kind.rawValue) is not available: \(reason)"
            if getenv("CI") != nil { throw TestError(message) }
            report("skipped: \(message)")
            return nil
        }
    }

    /// Those that can be mounted here.
    public static func available() -> [MountedFileSystem] {
        FileSystemKind.allCases.compactMap { mount($0).fileSystem }
    }

    /// Unmounts everything. Called at exit too; what is mounted afterwards is mounted anew.
    public static func unmountAll() {
        shared.withLock { $0 = [:] }
        workshop.withLock { workshop in
            workshop?.close()
            workshop = nil
        }
    }

    private static func makeShared(_ kind: FileSystemKind) throws -> MountedFileSystem {
        if kind != .overlay { return try withWorkshop { try $0.mount(kind) } }
        // The lock on the shared ones is held here, so the overlay gets a base of its own.
        return try withWorkshop { try $0.overlay(on: try $0.mount(.tmpfs)) { _ in } }
    }

    private static func withWorkshop<Value: Sendable>(
        _ body: (inout MountWorkshop) throws -> Value
    ) throws -> Value {
        try workshop.withLock { workshop in
            var open = try workshop ?? MountWorkshop()
            // Kept in any case: what was mounted before a failure must be unmounted too.
            defer { workshop = open }
            return try body(&open)
        }
    }

    private static func attempt(_ body: () throws -> MountedFileSystem) -> Availability {
        do { return .mounted(try body()) } catch { return .unavailable(reason: "\(error)") }
    }
}
