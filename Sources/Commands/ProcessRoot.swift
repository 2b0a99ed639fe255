import ImageVerification
import SystemCalls

/// The root file system of a running process, such as one of a container: `/proc/PID/root`, or a directory in it.
struct ProcessRoot {
    /// `/proc/PID/root`. Source: proc_pid_root(5).
    private let root: Path
    private let process: Path
    private let begin: Identity

    /// The root directory of a process. A container's directories can have the inode number of another one's.
    private struct Identity: Equatable {
        let file: FileIdentity
        let mount: UInt64
    }

    /// Returns `/proc/PID/root` and the name of its process if the path leads there.
    private static func parts(of path: Path) -> (root: Path, process: Path)? {
        let names = path.components
        guard path.isAbsolute, names.count >= 3, names[0] == "proc", names[2] == "root" else { return nil }
        return (names.prefix(3).reduce("/") { $0.appending($1) }, names[1])
    }

    /// Whether a path is the root of a process, or in one.
    static func contains(_ path: Path) -> Bool { parts(of: path) != nil }

    /// Finds the process of a root file system; nil if the path is another directory.
    ///
    /// - Throws: An error if there is no such process, or if its root must not be read.
    init?(containing path: Path) throws(PathError) {
        guard let (root, process) = Self.parts(of: path) else { return nil }
        (self.root, self.process) = (root, process)
        do throws(Errno) { begin = try Self.identity(of: root) } catch {
            switch error {
            case .notFound, .notDirectory:
                throw PathError(
                    root,
                    "cannot open \(root.quoted): there is no process \(process); name one of a running container "
                        + "(the PID of a stopped container is 0)", error)
            case .accessDenied, .notPermitted:
                throw PathError(root, "cannot open \(root.quoted): \(error.message); run repot as root", error)
            default: throw .failed("cannot open", root, error)
            }
        }
    }

    private static func identity(of root: Path) throws(Errno) -> Identity {
        let metadata = try Directory.current.metadata(of: Name(root), following: true)
        return Identity(file: metadata.identity, mount: metadata.mount)
    }

    /// The owners in the user namespace of the process; nil if they cannot be read.
    var owners: OwnerMap? {
        let maps = ["uid_map", "gid_map"].compactMap { try? readSmallFile(root.parent.appending(Path($0))) }
        return maps.count == 2 ? OwnerMap(users: maps[0], groups: maps[1]) : nil
    }

    /// Runs `body`, whose result counts if the process still runs afterwards and has the same root.
    ///
    /// - Throws: An error that the process ended, whatever error `body` threw for that reason; or the error of `body`.
    func during<Success>(_ body: () throws -> Success) throws -> Success {
        let result = Result(catching: body)
        // A process that ends has no root. Another one can get its number.
        guard let end = try? Self.identity(of: root), end == begin else {
            throw PathError(
                root,
                "process \(process) ended before \(root.quoted) was verified; start the container again and verify it")
        }
        return try result.get()
    }
}
