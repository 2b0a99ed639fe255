import SystemCalls

/// What a source is, as far as the way of its root depends on it. A class, since copies of a root share it.
package final class SourceLook: Sendable {
    let kind: FileKind
    let identity: FileIdentity
    let volume: Volume

    init(at source: Path, following: Bool) throws(Errno) {
        let metadata = try Directory.current.metadata(of: Name(source), following: following)
        kind = metadata.kind
        identity = metadata.identity
        volume = metadata.volume
    }
}

extension CopyRoot {
    /// Looks at the source, not through a symlink, and remembers it until the run begins. False when nothing is there.
    package mutating func see() -> Bool {
        seen = try? SourceLook(at: source, following: false)
        return seen != nil
    }

    /// What the source is, if need be by another look.
    func look(following: Bool) throws(Errno) -> SourceLook {
        if let seen, !following || seen.kind != .symlink { return seen }
        return try SourceLook(at: source, following: following)
    }
}
