import Glibc

/// Calls that the Glibc module leaves out.
enum Kernel {
    private typealias List = @convention(c) (Int32, UnsafeMutableRawPointer, Int) -> Int
    private typealias Attributes = @convention(c) (Int32, UnsafeMutablePointer<CChar>?, Int) -> Int
    private typealias NamedAttributes =
        @convention(c) (
            UnsafePointer<CChar>, UnsafeMutablePointer<CChar>?, Int
        ) -> Int

    private static let list = function("getdents64", List.self)
    private static let attributes = function("flistxattr", Attributes.self)
    private static let namedAttributes = function("llistxattr", NamedAttributes.self)

    /// getdents64(2).
    static func listEntries(_ folder: Int32, _ buffer: UnsafeMutableRawPointer, _ count: Int) -> Int {
        list(folder, buffer, count)
    }

    /// flistxattr(2): how many bytes the names of the file's attributes take. Without it nobody knows whether
    /// there are any to keep.
    static func sizeOfAttributes(_ file: Int32) -> Int { attributes(file, nil, 0) }

    /// llistxattr(2), for what cannot be opened.
    static func sizeOfAttributes(_ name: UnsafePointer<CChar>, in folder: Int32) -> Int {
        withUnsafeTemporaryAllocation(of: CChar.self, capacity: 512) { path in
            guard let start = path.baseAddress else { return -1 }
            let count = withVaList([folder, name]) { vsnprintf(start, path.count, "/proc/self/fd/%d/%s", $0) }
            return count < path.count ? namedAttributes(start, nil, 0) : -1
        }
    }

    /// ioctl_ficlone(2).
    static func clone(_ source: Int32, to destination: Int32) -> Int32 {
        ioctl(destination, 0x4004_9409, source)
    }

    private static func function<F>(_ name: String, _ type: F.Type) -> F {
        guard let address = dlsym(nil, name) else { giveUp("this C library has no \(name)") }
        return unsafeBitCast(address, to: type)
    }
}
