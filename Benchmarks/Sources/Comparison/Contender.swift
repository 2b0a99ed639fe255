import TestSupport

/// A program that does the job, or claims to.
struct Contender: Sendable {
    /// What follows when its result is not what the source is.
    enum Role: String {
        /// The run fails.
        case repot
        /// Nothing: it loses by design, and is the measure of speed only.
        case floor
        /// Its row says so.
        case peer
    }

    /// What its files must have in common with the source's.
    enum Sharing {
        case nothing
        /// They are further names of the source's inodes, or of those it prepared.
        case inodes
        /// The file system shares their extents; the command itself fails where it cannot.
        case extents
    }

    /// As in the tables and in thresholds.txt: its command without the operands.
    let name: String
    let role: Role
    let tool: Tool
    let sharing: Sharing
    /// Whether it can copy nothing but closures.
    let needsClosure: Bool
    /// Where, below the destination, there must be what the source is; nil when it makes nothing to look at.
    let result: ByteString?
    /// What makes a tree to look at of its result, an archive for example; nil when it is one.
    let unpack: (@Sendable (Places) throws -> ByteString)?
    /// What the job does not ask it to keep.
    let excused: Set<Aspect>
    /// What it needs to have done, on each new file system and outside of the timed part.
    let prepare: (@Sendable (Places) throws -> Void)?
    /// The whole command line.
    let command: @Sendable (Places) throws -> [ByteString]

    init(
        _ name: String, _ tool: Tool, role: Role = .peer, sharing: Sharing = .nothing,
        needsClosure: Bool = false, result: ByteString? = "",
        excused: Set<Aspect> = [], unpack: (@Sendable (Places) throws -> ByteString)? = nil,
        prepare: (@Sendable (Places) throws -> Void)? = nil,
        command: @escaping @Sendable (Places) throws -> [ByteString]
    ) {
        (self.name, self.role, self.tool) = (name, role, tool)
        (self.sharing, self.needsClosure, self.result) = (sharing, needsClosure, result)
        (self.excused, self.unpack) = (excused, unpack)
        (self.prepare, self.command) = (prepare, command)
    }
}

extension Contender {
    /// A program that takes its options, a source and a destination. Without a name it is called by its command.
    static func program(_ words: ByteString..., package: String, sharing: Sharing = .nothing) -> Contender {
        let name = words.map(\.description).joined(separator: " ")
        let tool = Tool(words.first?.description ?? "", package: package)
        return Contender(name, tool, sharing: sharing) { words + [$0.source, $0.destination] }
    }

    /// A pipeline, measured as a whole, from $1 to $2. It fails when any part of it does.
    static func pipeline(_ name: String, _ script: ByteString, _ tool: Tool, sharing: Sharing = .nothing) -> Contender {
        Contender(name, tool, sharing: sharing) { places in
            ["bash", "-e", "-o", "pipefail", "-c", script, "bash", places.source, places.destination]
        }
    }
}
