import Glibc

/// The extended attributes of one entry, ACLs among them.
///
/// The entry is named through its opened parent under /proc: so the path is short at any depth, and what is
/// a link, a FIFO or a device is neither followed nor opened.
struct AttributeStore {
    private let location: ByteString
    private let name: ByteString
    private let directory: Descriptor

    init(of name: ByteString, in directory: Descriptor) {
        location = "/proc/self/fd/\(directory.number)" / name
        self.name = name
        self.directory = directory
    }

    func all() throws(TestError) -> [ByteString: [UInt8]] {
        var values: [ByteString: [UInt8]] = [:]
        for name in try names() where try !isInternal(name) { values[name] = try value(of: name) }
        return values
    }

    /// XFS shows root its own form of an ACL a second time. Elsewhere such a name is an attribute, and a
    /// copier that carried it there has erred.
    private func isInternal(_ attribute: ByteString) throws(TestError) -> Bool {
        guard attribute.bytes.starts(with: "trusted.SGI_ACL_".utf8) else { return false }
        var status = [Int](repeating: 0, count: 64)
        try check("fstatfs", name) { Linux.fileSystemStatus(directory.number, &status) }
        return status[0] == Linux.xfsMagic
    }

    /// A file system without extended attributes has none to list.
    func names() throws(TestError) -> [ByteString] {
        do {
            let bytes = try read("listxattr") { buffer, size in
                Linux.listAttributes(location.cString, buffer?.assumingMemoryBound(to: CChar.self), size)
            }
            return bytes.split(separator: 0).map { ByteString(Array($0)) }
        } catch let error where error.code == ENOTSUP {
            return []
        }
    }

    func value(of attribute: ByteString) throws(TestError) -> [UInt8] {
        try read("getxattr \(attribute)") { buffer, size in
            Linux.getAttribute(location.cString, attribute.cString, buffer, size)
        }
    }

    func set(_ attribute: ByteString, to value: [UInt8]) throws(TestError) {
        try check("setxattr \(attribute)", name) {
            Linux.setAttribute(location.cString, attribute.cString, value, value.count, 0)
        }
    }

    /// Asks for the size first, then for the bytes.
    private func read(
        _ operation: String, _ call: (UnsafeMutableRawPointer?, Int) -> Int
    ) throws(TestError) -> [UInt8] {
        let size = try check(operation, name) { call(nil, 0) }
        if size == 0 { return [] }
        var bytes = [UInt8](repeating: 0, count: size)
        let count = try check(operation, name) { bytes.withUnsafeMutableBytes { call($0.baseAddress, size) } }
        return Array(bytes.prefix(count))
    }
}
