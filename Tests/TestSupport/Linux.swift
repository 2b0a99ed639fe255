import Glibc

/// What the Glibc module leaves out because Swift imports the C library without `_GNU_SOURCE`.
///
/// The constants are the kernel's; they are the same on x86-64 and arm64. The functions are looked up by
/// name, which keeps this library free of a C target.
enum Linux {
    static let noAccessTime: Int32 = 0o1000000
    static let pathOnly: Int32 = 0o10000000
    static let seekData: Int32 = 3
    static let seekHole: Int32 = 4
    static let omitTime = (1 << 30) - 2
    static let detachMount: Int32 = 2
    static let cloneFile: UInt = 0x4004_9409
    static let closeOnExec: UInt32 = 1
    static let xfsMagic = 0x5846_5342

    typealias Text = UnsafePointer<CChar>

    static let getAttribute: @convention(c) @Sendable (Text, Text, UnsafeMutableRawPointer?, Int) -> Int =
        symbol("lgetxattr")

    static let setAttribute: @convention(c) @Sendable (Text, Text, UnsafeRawPointer?, Int, Int32) -> Int32 =
        symbol("lsetxattr")

    static let listAttributes: @convention(c) @Sendable (Text, UnsafeMutablePointer<CChar>?, Int) -> Int =
        symbol("llistxattr")

    /// Fills in a `struct statfs`, of which only the first word, the type's magic number, is of use here.
    static let fileSystemStatus: @convention(c) @Sendable (Int32, UnsafeMutablePointer<Int>) -> Int32 =
        symbol("fstatfs")

    static let memoryFile: @convention(c) @Sendable (Text, UInt32) -> Int32 =
        symbol("memfd_create")

    typealias SpawnActions = UnsafeMutablePointer<posix_spawn_file_actions_t>

    static let spawnInDirectory: @convention(c) @Sendable (SpawnActions, Text) -> Int32 =
        symbol("posix_spawn_file_actions_addchdir_np")

    static let spawnClosingFrom: @convention(c) @Sendable (SpawnActions, Int32) -> Int32 =
        symbol("posix_spawn_file_actions_addclosefrom_np")

    private static func symbol<Function>(_ name: String) -> Function {
        guard let address = dlsym(nil, name) else { fatalError("the C library has no \(name)") }
        return unsafeBitCast(address, to: Function.self)
    }
}
