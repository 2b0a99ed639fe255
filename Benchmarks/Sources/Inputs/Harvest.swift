import Glibc
package import TestSupport

/// A tree of real files: some of what lies under /usr, chosen by name alone, kept as a tar archive.
///
/// One machine gives the same tree in every run; where it holds too little, the tree has it several times.
package struct Harvest: Sendable {
    /// What to take from one place: the first so many files in the order of their paths.
    package struct Quota {
        package let folder: ByteString
        package let files: Int
        package let bytes: Int

        package init(folder: ByteString, files: Int, bytes: Int) {
            (self.folder, self.files, self.bytes) = (folder, files, bytes)
        }
    }

    private static let largestFile = 32 << 20

    private let archive: ByteString
    private var replicas = 1
    /// What is in it already, for one quota's folder may hold another's.
    private var seen: Set<ByteString> = []
    package private(set) var files = 0
    /// Folders, links and the place itself included.
    package private(set) var entries = 1
    package private(set) var bytes = 0
    /// What it takes on a disk, in whole blocks.
    package private(set) var footprint = 0

    package init(atLeast minimum: Int, _ quotas: [Quota], to archive: ByteString) throws {
        self.archive = archive
        var names: [UInt8] = []
        for quota in quotas where access(quota.folder.description, R_OK) == 0 { names += try select(quota) }
        // A closure has no set-ID bits, and archives of repot drop them with the owner.
        let command: [ByteString] = [
            "tar", "-C", "/", "--format=posix", "--xattrs", "--mode=ug-s", "--no-recursion", "--null",
            "--verbatim-files-from", "-T", "-", "-cf", archive,
        ]
        let result = try Command(command, input: names).run()
        guard result.status == 0, files > 0 else { throw TestError("harvest /usr: \(result.errorText)") }
        replicas = (minimum + files - 1) / files
        (files, bytes, footprint) = (files * replicas, bytes * replicas, footprint * replicas)
        entries = replicas == 1 ? entries : 1 + entries * replicas
    }

    /// Sows it at `path`, where nothing is yet.
    package func sow(at path: ByteString) throws {
        for replica in 1...replicas {
            let place = replicas == 1 ? path : path / "\(replica)"
            try Command.succeed(["mkdir", "-p", place])
            try Command.succeed(["tar", "-C", place, "--xattrs", "-xpf", archive])
        }
    }

    /// The names, each with a zero behind it, folders and links included.
    private mutating func select(_ quota: Quota) throws -> [UInt8] {
        var names: [UInt8] = []
        var (files, bytes) = (0, 0)
        for entry in try Self.list(quota.folder) {
            if files >= quota.files || bytes >= quota.bytes { break }
            let path = quota.folder / entry.name
            guard seen.insert(path).inserted else { continue }
            if let size = entry.size {
                if size > Self.largestFile { continue }
                (files, bytes, footprint) = (files + 1, bytes + size, footprint + (size + 4095) & ~4095)
            }
            entries += 1
            names += path.bytes.dropFirst() + [0]
        }
        (self.files, self.bytes) = (self.files + files, self.bytes + bytes)
        return names
    }

    /// All below the folder that we may read, in the order of their bytes, parents first; only a regular file
    /// has a size.
    private static func list(_ folder: ByteString) throws -> [(name: ByteString, size: Int?)] {
        let filter: [ByteString] = ["(", "-type", "l", "-o", "-readable", ")"]
        let print: [ByteString] = ["-printf", "%P\\0%y%s\\0", "-o", "-prune"]
        let listing = try Command.succeed(["find", folder, "-xdev"] + filter + print).output
        let words = listing.split(separator: 0, omittingEmptySubsequences: false)
        let entries = stride(from: 0, to: words.count - 1, by: 2).map { index in
            let facts = String(decoding: words[index + 1], as: UTF8.self)
            let size = facts.hasPrefix("f") ? Int(facts.dropFirst()) : nil
            return (name: ByteString(Array(words[index])), size: size)
        }
        return entries.sorted { $0.name < $1.name }
    }
}
