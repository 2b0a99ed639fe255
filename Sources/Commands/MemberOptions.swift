import ArgumentParser
import SystemCalls
import Tar

/// Whose the members of an archive are, of when, and which of them share an inode.
struct MemberOptions: ParsableArguments {
    @Option(help: ArgumentHelp("The owner of everything: UID:GID, or source.", valueName: "owner"))
    var owner = "0:0"

    @Option(help: ArgumentHelp("The time of everything, in seconds since 1970, or source.", valueName: "seconds"))
    var mtime = "1"

    @Option(
        help: ArgumentHelp("Which names share an inode: canonical, preserve or break.", valueName: "which"),
        completion: .list(Self.links.keys.sorted()))
    var hardlinks = "canonical"

    private static let links: [String: ArchiveHardLinks] = [
        "canonical": .canonical, "preserve": .preserve, "break": .break,
    ]

    mutating func validate() throws {
        if times == nil { throw ValidationError("--mtime takes a number of seconds or source, not '\(mtime)'") }
        if owner != "source", ownership == nil {
            throw ValidationError("--owner takes UID:GID in numbers or source, not '\(owner)'")
        }
        if Self.links[hardlinks] == nil {
            throw ValidationError("--hardlinks takes canonical, preserve or break, not '\(hardlinks)'")
        }
    }

    func fill(_ options: inout ArchiveOptions) {
        options.owner = ownership
        options.times = times ?? options.times
        options.hardLinks = Self.links[hardlinks] ?? options.hardLinks
    }

    private var times: ArchiveTimes? { mtime == "source" ? .source : Int64(mtime).map { .fixed($0) } }

    private var ownership: Ownership? {
        let numbers = owner.split(separator: ":", omittingEmptySubsequences: false).map { UInt32($0) }
        guard numbers.count == 2, let user = numbers[0], let group = numbers[1], user != .max, group != .max
        else { return nil }
        return Ownership(user: user, group: group)
    }
}
