package import SystemCalls

/// The entries of one directory in byte order, whatever the order on disk: a name and five bytes apiece.
package struct SortedNames: Sendable {
    private var bytes: [UInt8] = []
    /// Where in `bytes` a name begins: its kind first, and a NUL at its end.
    private var starts: [UInt32] = []

    /// Lists the directory from where it stands.
    package init(of directory: Directory, _ buffer: inout DirectoryEntries) throws(Errno) {
        while try buffer.read(from: directory) {
            buffer.forEach { entry in
                starts.append(UInt32(bytes.count))
                bytes.append(entry.kind?.code ?? 0)
                bytes += entry.name.bytes
                bytes.append(0)
            }
        }
        sort()
    }

    package var count: Int { starts.count }

    package subscript(index: Int) -> DirectoryEntry {
        let start = Int(starts[index])
        let name = bytes[(start + 1)...].prefix { $0 != 0 }
        return DirectoryEntry(name: Name(name), kind: FileKind(code: bytes[start]))
    }

    /// The NUL makes a name come before those that it begins, as byte order has it.
    private mutating func sort() {
        bytes.withUnsafeBufferPointer { bytes in
            starts.sort { a, b in
                var (a, b) = (Int(a) + 1, Int(b) + 1)
                while bytes[a] == bytes[b], bytes[a] != 0 { (a, b) = (a + 1, b + 1) }
                return bytes[a] < bytes[b]
            }
        }
    }
}

extension FileKind {
    private static let codes: [FileKind] = [
        .regular, .directory, .symlink, .fifo, .socket, .characterDevice, .blockDevice,
    ]

    fileprivate var code: UInt8 {
        switch self {
        case .regular: 1
        case .directory: 2
        case .symlink: 3
        case .fifo: 4
        case .socket: 5
        case .characterDevice: 6
        case .blockDevice: 7
        }
    }

    fileprivate init?(code: UInt8) {
        guard code > 0, Int(code) <= Self.codes.count else { return nil }
        self = Self.codes[Int(code) - 1]
    }
}
