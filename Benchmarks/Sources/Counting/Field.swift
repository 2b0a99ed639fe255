import TestSupport

/// A place on a file system with trees to copy, and room for copies.
struct Field {
    /// Where the trees are: on an overlay, in its lower layer.
    let sources: ByteString
    private let room: Scratch

    /// Nil, after it was said why, where the file system cannot be had and this is not CI.
    ///
    /// - Parameter fill: makes the trees in a directory that it is given.
    init?(_ kind: FileSystemKind, _ fill: (ByteString) throws -> Void) throws {
        if kind == .overlay {
            let answer = FileSystemMatrix.overlay(on: .ext4) { try Self.fill($0 / "sources", fill) }
            guard let system = try FileSystemMatrix.require(answer, kind) else { return nil }
            room = try system.scratch()
            sources = system.path / "sources"
        } else {
            guard let system = try FileSystemMatrix.require(kind) else { return nil }
            room = try system.scratch()
            sources = room / "sources"
            try Self.fill(sources, fill)
        }
    }

    private static func fill(_ path: ByteString, _ fill: (ByteString) throws -> Void) throws {
        try TreeBuilder.build(at: path) { _ in try fill(path) }
    }

    /// Runs `body` with a path at which nothing is yet, and removes what it has made there.
    func withPlace<Value>(_ body: (ByteString) throws -> Value) throws -> Value {
        let scratch = try Scratch(in: room.path)
        defer { withExtendedLifetime(scratch) {} }
        return try body(scratch / "copy")
    }
}
