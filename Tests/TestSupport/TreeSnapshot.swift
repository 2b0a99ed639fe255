import Glibc

/// A tree as it is on the disk, read completely and without any help from the program under test.
///
/// Works at any depth: only names are kept, paths are put together when asked for.
public struct TreeSnapshot: Sendable {
    struct Node: Sendable {
        let name: ByteString
        let parent: Int
        let entry: Entry
        /// In the order of their names.
        var children: [Int] = []
        /// The first node, in the order of reading, of those that share this inode; nil when none other does.
        var linkLeader: Int?
    }

    private(set) var nodes: [Node]

    /// Reads what is at `path`: a tree or a single entry; a symbolic link there is not followed.
    public init(of path: ByteString) throws {
        let (parent, name) = try Descriptor.locate(path)
        nodes = [Node(name: "", parent: 0, entry: try Entry.read(name, in: parent))]
        if root.kind == .directory { try readTree(below: try parent.openDirectory(name)) }
        findLinks()
    }

    /// What the path given to `init` leads to.
    public var root: Entry { nodes[0].entry }

    /// How many entries the tree has, its root included.
    public var count: Int { nodes.count }

    /// All paths, parents before their children, siblings in the order of their bytes; the root's is empty.
    public var paths: [ByteString] { nodes.indices.map(path(of:)) }

    /// The entry at a path relative to the root, which itself is at the empty path.
    public subscript(path: ByteString) -> Entry? {
        find(path).map { nodes[$0].entry }
    }

    /// All paths that lead to the same inode as `path`, itself included.
    public func links(of path: ByteString) -> [ByteString] {
        guard let index = find(path) else { return [] }
        guard let leader = nodes[index].linkLeader else { return [self.path(of: index)] }
        return nodes.indices.filter { nodes[$0].linkLeader == leader }.map(self.path(of:))
    }

    /// All paths of regular files, empty ones excepted, whose inodes have no name outside the tree.
    public var filesOfItsOwn: [ByteString] {
        var names: [Identity: Int] = [:]
        for node in nodes { names[node.entry.identity, default: 0] += 1 }
        return nodes.indices.filter { index in
            let entry = nodes[index].entry
            return entry.kind == .regular && entry.size > 0 && entry.linkCount <= names[entry.identity, default: 0]
        }.map(path(of:))
    }

    func path(of index: Int) -> ByteString {
        var names: [[UInt8]] = []
        var index = index
        while index != 0 {
            names.append(nodes[index].name.bytes)
            index = nodes[index].parent
        }
        return ByteString(Array(names.reversed().joined(separator: [UInt8(ascii: "/")])))
    }

    private func find(_ path: ByteString) -> Int? {
        var index = 0
        for name in path.components {
            guard let child = nodes[index].children.first(where: { nodes[$0].name == name }) else {
                return nil
            }
            index = child
        }
        return index
    }
}

extension TreeSnapshot {
    private struct Level {
        let node: Int
        /// Sorted backwards, to be taken from the end.
        var pending: [ByteString]

        init(_ node: Int, _ directory: Descriptor) throws {
            self.node = node
            pending = try directory.names().sorted(by: >)
        }
    }

    private mutating func readTree(below directory: Descriptor) throws {
        var cursor = DirectoryCursor(at: directory)
        var levels = [try Level(0, directory)]
        // A level must not be taken out of the array: two owners of its names would copy them at every step.
        while let last = levels.indices.last {
            if let name = levels[last].pending.popLast() {
                guard let child = try add(name, to: levels[last].node, in: cursor.current) else { continue }
                try cursor.descend(into: name)
                levels.append(try Level(child, cursor.current))
            } else {
                levels.removeLast()
                if !levels.isEmpty { try cursor.ascend() }
            }
        }
    }

    /// Adds an entry, and returns its place when it is a directory to go into.
    private mutating func add(_ name: ByteString, to parent: Int, in directory: Descriptor) throws -> Int? {
        let index = nodes.count
        do {
            nodes.append(Node(name: name, parent: parent, entry: try Entry.read(name, in: directory)))
        } catch {
            throw TestError(error.operation, code: error.code, path: path(of: parent) / name)
        }
        nodes[parent].children.append(index)
        return nodes[index].entry.kind == .directory ? index : nil
    }

    private mutating func findLinks() {
        var classes: [Identity: [Int]] = [:]
        for (index, node) in nodes.enumerated() where node.entry.kind != .directory {
            if node.entry.linkCount > 1 { classes[node.entry.identity, default: []].append(index) }
        }
        for members in classes.values where members.count > 1 {
            for member in members { nodes[member].linkLeader = members.first }
        }
    }
}
