import Glibc

/// Removes a tree of any depth, also where its directories forbid it to their owner.
struct TreeRemoval {
    private struct Level {
        let name: ByteString
        var pending: [ByteString]
    }

    private var cursor: DirectoryCursor
    private var levels: [Level] = []
    private let device: UInt64

    static func remove(_ path: ByteString) throws(TestError) {
        let (parent, name) = try Descriptor.locate(path)
        let status = try parent.status(of: name)
        if status.st_mode & S_IFMT == S_IFDIR {
            var removal = TreeRemoval(from: parent, device: Identity(status).device)
            try removal.run(name)
        } else {
            try check("unlink", path) { unlinkat(parent.number, name.cString, 0) }
        }
    }

    private init(from parent: Descriptor, device: UInt64) {
        cursor = DirectoryCursor(at: parent)
        self.device = device
    }

    private mutating func run(_ name: ByteString) throws(TestError) {
        try enter(name)
        while !levels.isEmpty {
            if let name = levels[levels.count - 1].pending.popLast() {
                try removeOrEnter(name)
            } else {
                try leave()
            }
        }
    }

    private mutating func removeOrEnter(_ name: ByteString) throws(TestError) {
        let status = try cursor.current.status(of: name)
        if status.st_mode & S_IFMT != S_IFDIR {
            try check("unlink", name) { unlinkat(cursor.current.number, name.cString, 0) }
        } else if Identity(status).device == device {
            try enter(name)
        } else {
            // What is mounted here belongs to someone else.
            throw TestError("remove a mount point", code: EBUSY, path: name)
        }
    }

    private mutating func enter(_ name: ByteString) throws(TestError) {
        try check("chmod", name) { fchmodat(cursor.current.number, name.cString, 0o700, 0) }
        try cursor.descend(into: name)
        levels.append(Level(name: name, pending: try cursor.current.names()))
    }

    private mutating func leave() throws(TestError) {
        let name = levels.removeLast().name
        try cursor.ascend()
        try check("rmdir", name) { unlinkat(cursor.current.number, name.cString, AT_REMOVEDIR) }
    }
}
