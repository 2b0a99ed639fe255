import Nar
import SystemCalls

/// The forms of a closure that consist of lines. Lines are found one by one, since a list of all of them can be many
/// times as large as the content.
struct ClosureLines {
    /// A line without the white space around it, and its number from 1.
    private struct Line {
        let number: Int
        let range: Range<Int>
        let isLast: Bool
    }

    private let name: Path
    private let store: Store
    private let content: [UInt8]
    /// Whether a NUL byte ends a line.
    private var isSplitAtNUL = false
    /// The offset of the next line.
    private var next = 0
    /// The number of lines read.
    private var count = 0
    /// Whether the first record of a registration has a hash and a size; nil if the content is not a registration. The
    /// first record of a registration has a number in its third or fifth line. Source: Nix,
    /// `LocalStore::makeValidityRegistration`.
    private(set) var registrationHasHashes: Bool?

    init(_ content: [UInt8], name: Path, _ store: Store) {
        self.name = name
        self.store = store
        self.content = content
        registrationHasHashes = hasHashes()
        // Among the lines of a registration a NUL byte is an error; in a list it ends a store path.
        isSplitAtNUL = registrationHasHashes == nil
    }

    static func isSpace(_ byte: UInt8) -> Bool {
        byte == UInt8(ascii: " ") || byte == UInt8(ascii: "\t") || byte == UInt8(ascii: "\r")
    }

    /// The next line, the empty one after the last line end included; nil after it.
    private mutating func line() -> Line? {
        guard next <= content.count else { return nil }
        var end = next
        while end < content.count, content[end] != UInt8(ascii: "\n"), !(isSplitAtNUL && content[end] == 0) { end += 1 }
        var (first, last) = (next, end)
        while first < last, Self.isSpace(content[first]) { first += 1 }
        while first < last, Self.isSpace(content[last - 1]) { last -= 1 }
        next = end + 1
        count += 1
        return Line(number: count, range: first..<last, isLast: end == content.count)
    }

    /// The next line that is not blank; nil if there is none.
    private mutating func lineWithText() -> Line? {
        while let line = line() { if !line.range.isEmpty { return line } }
        return nil
    }

    /// The store paths of a list. Each ends with a line feed or, as in the output of `find -print0`, with a NUL byte.
    /// Blank lines and white space around a store path are ignored.
    mutating func list() throws(ClosureError) -> [StorePath] {
        var found: [StorePath] = []
        while let line = lineWithText() { found.append(try storePath(line)) }
        return found
    }

    private func hasHashes() -> Bool? {
        var lines = self
        guard lines.lineWithText() != nil, let second = lines.line(), let third = lines.line() else { return nil }
        if NarHash(text(second)) != nil { return true }
        return Int(text(third)) != nil ? false : nil
    }

    /// Records of: path, with `hasHashes` hash and size, deriver or nothing, how many references, references.
    mutating func registration(_ hasHashes: Bool) throws(ClosureError) -> [PathInfo] {
        if let place = content.firstIndex(of: 0) {
            let line = 1 + content[..<place].count { $0 == UInt8(ascii: "\n") }
            throw ClosureError(name, "\(name), line \(line): a NUL byte is in a registration; write it again")
        }
        var infos: [PathInfo] = []
        while let first = lineWithText() { infos.append(try record(first, hasHashes)) }
        return infos
    }

    private mutating func record(_ first: Line, _ hasHashes: Bool) throws(ClosureError) -> PathInfo {
        let path = try storePath(first)
        var hash: NarHash?
        var size: UInt64?
        if hasHashes {
            let line = try take("a hash")
            hash = try NarHash(text(line)).orThrow { expected("a SHA-256", line) }
            size = try number(try take("a size"), "a size in bytes")
        }
        let deriver = try take("a deriver or an empty line")
        let count = try take("the number of references")
        var references: [StorePath] = []
        for _ in 0..<(try number(count, "a number of references")) {
            references.append(try storePath(try take("a reference")))
        }
        var info = PathInfo(path, references: references)
        (info.narHash, info.narSize) = (hash, size)
        if !deriver.range.isEmpty { info.deriver = try storePath(deriver) }
        return info
    }

    private mutating func take(_ what: String) throws(ClosureError) -> Line {
        let before = count
        // The empty line after the last line end does not count.
        guard let line = line(), !line.isLast || !line.range.isEmpty else {
            throw ClosureError(name, "\(name) ends in the middle of a record: \(what) is expected after line \(before)")
        }
        return line
    }

    private func number(_ line: Line, _ what: String) throws(ClosureError) -> UInt64 {
        try UInt64(text(line)).orThrow { expected(what, line) }
    }

    private func storePath(_ line: Line) throws(ClosureError) -> StorePath {
        try store.storePath(content[line.range]).orThrow {
            let found = Path(content[line.range]).quotedStart
            return ClosureError(
                name, "\(name), line \(line.number): \(found) is not a store path in \(store.directory)")
        }
    }

    private func text(_ line: Line) -> String { String(decoding: content[line.range], as: UTF8.self) }

    private func expected(_ what: String, _ line: Line) -> ClosureError {
        let found = Path(content[line.range]).quotedStart
        return ClosureError(name, "\(name), line \(line.number): \(what) is expected, not \(found)")
    }
}

extension Optional {
    /// Its value, or else an error.
    func orThrow<E: Error>(_ error: () -> E) throws(E) -> Wrapped {
        guard let self else { throw error() }
        return self
    }
}
