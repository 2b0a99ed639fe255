import TestSupport

/// A program that does the job, and what it is excused from.
struct Contender {
    /// As in the tables and in thresholds.txt: its command without the operands.
    let name: String
    /// The program and its options.
    let command: [ByteString]
    /// Whether a source and a destination follow, and a result is to be looked at.
    let copies: Bool
    /// What its result may lack.
    let loses: Set<Aspect>
    /// Whether its files must be further names of the source's inodes.
    let links: Bool

    init(
        _ name: String, _ command: [ByteString], copies: Bool = true, loses: Set<Aspect> = [], links: Bool = false
    ) {
        self.name = name
        self.command = command
        self.copies = copies
        self.loses = loses
        self.links = links
    }

    /// The whole command line.
    func arguments(from source: ByteString, to destination: ByteString) -> [ByteString] {
        copies ? command + [source, destination] : command
    }
}

extension Contender {
    private static let metadata: Set<Aspect> = [.times, .mode, .owner, .group, .xattrs, .acls]

    /// repot with these options, which promises to keep everything.
    static func repot(_ program: ByteString, _ options: ByteString..., links: Bool = false) -> Contender {
        let words = ["repot"] + options.map(\.description)
        return Contender(words.joined(separator: " "), [program] + options, links: links)
    }

    /// What most Dockerfiles do today.
    static let plain = Contender("cp -R", ["cp", "-R"], loses: metadata.union([.links]))
    /// GNU's faithful copy.
    static let archive = Contender("cp -a", ["cp", "-a"])
    /// GNU's hard links.
    static let links = Contender("cp -al", ["cp", "-al"], links: true)
    /// GNU's shared extents.
    static let reflink = Contender("cp -a --reflink=always", ["cp", "-a", "--reflink=always"])
    /// GNU's copy of a single file.
    static let file = Contender("cp", ["cp"], loses: metadata)
}
