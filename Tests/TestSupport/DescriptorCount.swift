import Glibc

/// The open descriptors of this process, to see whether some were left open.
///
/// Other tests that run at the same time open descriptors too: serialise a test that counts, or run what it
/// examines in a process of its own and count there.
public enum DescriptorCount {
    /// How many are open, without the one this takes.
    public static func now() throws(TestError) -> Int {
        try open().count
    }

    /// Each open descriptor with what it refers to, such as `pipe:[123]` or a path.
    public static func open() throws(TestError) -> [Int32: ByteString] {
        try open(in: "/proc/self/fd")
    }

    /// The descriptors of another process, which must not have ended.
    public static func open(ofProcess id: Int32) throws(TestError) -> [Int32: ByteString] {
        try open(in: "/proc/\(id)/fd")
    }

    private static func open(in folder: ByteString) throws(TestError) -> [Int32: ByteString] {
        let directory = try Descriptor.directory(at: folder)
        var targets: [Int32: ByteString] = [:]
        for name in try directory.names() {
            // The listing had a descriptor of its own, which is gone by now, and one is still open here.
            guard let number = Int32(name.description) else { continue }
            let isOurs = number == directory.number && folder == "/proc/self/fd"
            if !isOurs, let target = target(of: name, in: directory) { targets[number] = target }
        }
        return targets
    }

    private static func target(of name: ByteString, in directory: Descriptor) -> ByteString? {
        var bytes = [CChar](repeating: 0, count: Int(PATH_MAX))
        let count = readlinkat(directory.number, name.cString, &bytes, bytes.count)
        return count < 0 ? nil : ByteString(bytes.prefix(count).map { UInt8(bitPattern: $0) })
    }
}
