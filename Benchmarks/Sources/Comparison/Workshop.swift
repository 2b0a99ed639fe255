import Glibc
import Measuring
import TestSupport

/// Where the comparison keeps its inputs and mounts its file systems.
///
/// With root it is a memory file system over /dev/shm in a mount namespace of our own. The kernel takes that
/// apart when the last process in it ends, however it ends, and with it all mounts, images and loop devices.
struct Workshop {
    /// Holds whatever the comparison itself needs.
    let path: ByteString
    /// Why no file system can be mounted, if so; then all takes place in the current directory.
    let obstacle: String?
    /// The programs that take part.
    let equipment = Equipment()
    /// Keeps the directory where there is no mount of our own.
    private let scratch: Scratch?

    /// - Parameter mayMount: whether to try; this process then sees the mounts as long as it lives.
    init(mayMount: Bool = true) throws {
        obstacle = mayMount ? Self.separateMounts() : "mounting is not wanted"
        scratch = obstacle == nil ? nil : try Scratch(in: Self.currentDirectory())
        path = scratch?.path ?? Self.mountPoint
    }

    /// Where the complaints of the program that ran last are.
    var errors: ByteString { path / "errors" }

    /// What the program that ran last complained about, in one line.
    func complaint() -> String {
        let lines = TextFile.read(errors.description)?.split(separator: "\n") ?? []
        return lines.first.map(String.init) ?? "it said nothing"
    }

    /// What a case really takes place on, for people.
    func name(of ground: Ground) -> String { obstacle == nil ? ground.description : "here" }

    /// Why this case cannot be run here; nil when it can.
    func obstacle(to job: Case) -> String? {
        if obstacle != nil && !job.ground.isReplaceable { return "\(job.ground.description) has to be mounted" }
        do {
            if job.ground.isCold { try Arena.dropCaches() }
        } catch {
            return "the caches cannot be emptied: \(error)"
        }
        return obstacle != nil && job.needsReflink && !canShareExtents ? "no file can share extents here" : nil
    }

    private var canShareExtents: Bool {
        guard (try? TextFile.write("probe", to: (path / "probe").description)) != nil else { return false }
        let clone: [ByteString] = ["cp", "--reflink=always", path / "probe", path / "clone"]
        return (try? Command.run(clone).status) == 0
    }

    /// Removes what the kernel does not: the directory of an ordinary user.
    func close() {
        try? scratch?.remove()
    }
}

extension Workshop {
    private static let mountPoint: ByteString = "/dev/shm"

    /// Enters a mount namespace and mounts the workshop; answers what stood in the way, or nil.
    private static func separateMounts() -> String? {
        guard OrdinaryUser.isRoot else { return "mounting needs root" }
        guard Linux.unshare(Linux.newMountNamespace) == 0 else { return failure("unshare") }
        guard mount("none", "/", nil, Linux.recursive | Linux.privately, nil) == 0 else {
            return failure("make mounts private")
        }
        let isMounted = mount("repot-benchmarks", mountPoint.description, "tmpfs", 0, "size=90%,mode=755") == 0
        return isMounted ? nil : failure("mount a tmpfs")
    }

    private static func failure(_ operation: String) -> String {
        TestError(operation, code: errno).description
    }

    private static func currentDirectory() -> ByteString {
        guard let path = getcwd(nil, 0) else { return "." }
        defer { free(path) }
        return ByteString(String(cString: path))
    }
}

/// What the Glibc module leaves out.
private enum Linux {
    static let newMountNamespace: Int32 = 0x20000
    static let recursive: UInt = 1 << 14
    static let privately: UInt = 1 << 18

    static func unshare(_ flags: Int32) -> Int32 {
        guard let address = dlsym(nil, "unshare") else { return -1 }
        return unsafeBitCast(address, to: (@convention(c) (Int32) -> Int32).self)(flags)
    }
}
