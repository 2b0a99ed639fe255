import NixClosure
import References
import SystemCalls

/// Finds the names of store paths in the content of files: the store's directory, a slash, and what begins a store
/// path's name. References are what Nix finds by the hash alone, so only the hash decides whether a store path is
/// absent: a name in a text may go on with the full stop of a sentence.
struct StoreNames {
    /// The longest name: 32 characters of a hash, a dash and 211 more. Source: Nix manual, 'Store Path'.
    private static let longestName = 32 + 1 + 211

    private let prefix: [UInt8]
    private let present: Set<HashPart>
    /// The end of what came before, too short to hold all of a name that begins in it.
    private var tail: [UInt8] = []
    /// The absent store paths that the file names.
    private(set) var found: Set<StorePath> = []

    /// Looks for names below the directory of those that are not present.
    init(below directory: Path, present: Set<HashPart>) {
        prefix = directory.bytes + [Path.slash]
        self.present = present
    }

    private var longest: Int { prefix.count + Self.longestName }

    /// A new file begins.
    mutating func begin() {
        tail.removeAll(keepingCapacity: true)
        found.removeAll()
    }

    /// The next part of the file; a name may begin in one and end in the next.
    mutating func look(in part: UnsafeRawBufferPointer) {
        if part.count < longest {
            tail.append(contentsOf: part)
            look(inTailBefore: tail.count - longest + 1)
            tail.removeFirst(max(0, tail.count - longest + 1))
            return
        }
        if !tail.isEmpty {
            let old = tail.count
            tail.append(contentsOf: part[..<(longest - 1)])
            look(inTailBefore: old)
            tail.removeAll(keepingCapacity: true)
        }
        look(in: part, before: part.count - longest + 1)
        tail.append(contentsOf: part[(part.count - longest + 1)...])
    }

    /// The file ends.
    mutating func end() { look(inTailBefore: tail.count) }

    private mutating func look(inTailBefore end: Int) {
        let bytes = tail
        bytes.withUnsafeBytes { look(in: $0, before: end) }
    }

    /// Looks at the names that begin before a place.
    private mutating func look(in bytes: UnsafeRawBufferPointer, before end: Int) {
        var start = 0
        while start < end, let place = bytes.firstPlace(of: prefix, from: start), place < end {
            start = place + prefix.count
            let name = bytes[start...].prefix(Self.longestName).prefix(while: StorePath.mayContain)
            guard let path = StorePath(baseName: Path(name)) else { continue }
            if !present.contains(path.hashPart) { found.insert(path) }
        }
    }
}
