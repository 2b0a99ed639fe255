import Glibc

/// Builds a tree, entry by entry, at any depth.
///
/// Missing parents are made on the way, with mode 0755. What is asked of a directory's metadata is set by
/// `finish()`, deepest first, for every child made later would change its times, and a mode may forbid one.
public final class TreeBuilder {
    private let root: Descriptor
    private var rootAttributes: Attributes?
    private var deferred: [(path: ByteString, attributes: Attributes)] = []
    private let rootPath: ByteString

    /// Builds below `path`, a directory that is made if need be.
    public init(at path: ByteString) throws(TestError) {
        let (parent, name) = try Descriptor.locate(path)
        root = try Self.openOrMake(name, in: parent)
        rootPath = path
    }

    /// Builds below `path` all that `body` asks for, and finishes it.
    public static func build(at path: ByteString, _ body: (TreeBuilder) throws -> Void) throws {
        let tree = try TreeBuilder(at: path)
        try body(tree)
        try tree.finish()
    }

    /// A new regular file.
    public func file(
        _ path: ByteString, _ content: FileContent = .empty, _ attributes: Attributes = Attributes()
    ) throws(TestError) {
        try make(path, attributes) { name, parent throws(TestError) in
            let file = try Descriptor.open(
                name, in: parent.number, O_WRONLY | O_CREAT | O_EXCL, mode: 0o600)
            try content.write(to: file)
        }
    }

    /// A directory that exists already is taken over, to be given its attributes.
    public func directory(
        _ path: ByteString, _ attributes: Attributes = Attributes()
    ) throws(TestError) {
        try inParent(of: path) { name, parent throws(TestError) in
            _ = try Self.openOrMake(name, in: parent)
        }
        deferred.append((path, attributes))
    }

    /// The attributes of the directory the tree is built in.
    public func root(_ attributes: Attributes) {
        rootAttributes = attributes
    }

    /// The target may be anything, whether it exists or not.
    public func symbolicLink(
        _ path: ByteString, to target: ByteString, _ attributes: Attributes = Attributes()
    ) throws(TestError) {
        try make(path, attributes) { name, parent throws(TestError) in
            try check("symlink", name) { symlinkat(target.cString, parent.number, name.cString) }
        }
    }

    /// A further name for what is at `existing`, which may be of any type but a directory.
    public func hardLink(_ path: ByteString, to existing: ByteString) throws(TestError) {
        try inParent(of: existing) { oldName, oldParent throws(TestError) in
            try inParent(of: path) { name, parent throws(TestError) in
                try check("link", path) {
                    linkat(oldParent.number, oldName.cString, parent.number, name.cString, 0)
                }
            }
        }
    }

    /// A named pipe.
    public func fifo(_ path: ByteString, _ attributes: Attributes = Attributes()) throws(TestError) {
        try node(path, S_IFIFO, attributes)
    }

    /// A socket no one listens on.
    public func socket(_ path: ByteString, _ attributes: Attributes = Attributes()) throws(TestError) {
        try node(path, S_IFSOCK, attributes)
    }

    /// Needs CAP_MKNOD.
    public func characterDevice(
        _ path: ByteString, _ number: DeviceNumber, _ attributes: Attributes = Attributes()
    ) throws(TestError) {
        try node(path, S_IFCHR, attributes, number)
    }

    /// Needs CAP_MKNOD.
    public func blockDevice(
        _ path: ByteString, _ number: DeviceNumber, _ attributes: Attributes = Attributes()
    ) throws(TestError) {
        try node(path, S_IFBLK, attributes, number)
    }

    /// Sets metadata at once, on whatever is at `path`.
    public func set(_ attributes: Attributes, on path: ByteString) throws(TestError) {
        try inParent(of: path) { name, parent throws(TestError) in try attributes.apply(to: name, in: parent)
        }
    }

    /// Gives the directories, and the root last, the attributes they are to have.
    public func finish() throws(TestError) {
        let byDepth = deferred.map { (depth: $0.path.components.count, $0.path, $0.attributes) }
        deferred = []
        for (_, path, attributes) in byDepth.sorted(by: { $0.depth > $1.depth }) {
            try set(attributes, on: path)
        }
        if let rootAttributes { try rootAttributes.apply(to: ".", in: root) }
    }
}

extension TreeBuilder {
    private typealias Work = (_ name: ByteString, _ parent: Descriptor) throws(TestError) -> Void

    private func node(
        _ path: ByteString, _ type: mode_t, _ attributes: Attributes, _ number: DeviceNumber? = nil
    ) throws(TestError) {
        try make(path, attributes) { name, parent throws(TestError) in
            try check("mknod", name) {
                mknodat(parent.number, name.cString, type | 0o600, dev_t(number?.packed ?? 0))
            }
        }
    }

    private func make(_ path: ByteString, _ attributes: Attributes, _ work: Work) throws(TestError) {
        try inParent(of: path) { name, parent throws(TestError) in
            try work(name, parent)
            try attributes.apply(to: name, in: parent)
        }
    }

    /// Does some work in the directory that holds `path`, and puts the whole path into its error.
    private func inParent(of path: ByteString, _ work: Work) throws(TestError) {
        var names = path.components
        guard let last = names.popLast() else { throw TestError("build at an empty path", path: rootPath) }
        do {
            var directory = root
            for name in names { directory = try Self.openOrMake(name, in: directory) }
            try work(last, directory)
        } catch {
            throw TestError(error.operation, code: error.code, path: rootPath / path)
        }
    }

    private static func openOrMake(
        _ name: ByteString, in directory: Descriptor
    ) throws(TestError) -> Descriptor {
        do {
            return try directory.openDirectory(name)
        } catch let error where error.code == ENOENT {
            try check("mkdir", name) { mkdirat(directory.number, name.cString, 0o700) }
            try check("chmod", name) { fchmodat(directory.number, name.cString, 0o755, 0) }
            return try directory.openDirectory(name)
        }
    }
}
