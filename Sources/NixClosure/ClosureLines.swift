import Nar
import SystemCalls

/// The forms of a closure that go line by line.
struct ClosureLines {
    private let name: Path
    private let store: Store
    private let content: [UInt8]
    /// The locations of the lines, without the white space around them.
    private var lines: [Range<Int>]
    private var next = 0
    /// Whether the first record of a registration has a hash and a size; nil if the content is not a registration. The
    /// first record of a registration has a number in its third or fifth line. Source: Nix,
    /// `LocalStore::makeValidityRegistration`.
    private(set) var registrationHasHashes: Bool?

    init(_ content: [UInt8], name: Path, _ store: Store) {
        self.name = name
        self.store = store
        self.content = content
        lines = Self.lines(of: content) { $0 == UInt8(ascii: "\n") }
        registrationHasHashes = hasHashes()
        // Among the lines of a registration a NUL byte is an error; in a list it ends a store path.
        if content.contains(0), registrationHasHashes == nil {
            lines = Self.lines(of: content) { $0 == UInt8(ascii: "\n") || $0 == 0 }
        }
    }

    static func isSpace(_ byte: UInt8) -> Bool {
        byte == UInt8(ascii: " ") || byte == UInt8(ascii: "\t") || byte == UInt8(ascii: "\r")
    }

    private static func lines(of content: [UInt8], _ isEnd: (UInt8) -> Bool) -> [Range<Int>] {
        var lines: [Range<Int>] = []
        var start = 0
        for place in content.indices where isEnd(content[place]) {
            lines.append(trimmed(content, start..<place))
            start = place + 1
        }
        return lines + [trimmed(content, start..<content.count)]
    }

    private static func trimmed(_ content: [UInt8], _ line: Range<Int>) -> Range<Int> {
        var (start, end) = (line.lowerBound, line.upperBound)
        while start < end, isSpace(content[start]) { start += 1 }
        while start < end, isSpace(content[end - 1]) { end -= 1 }
        return start..<end
    }

    /// The store paths of a list. Each ends with a line feed or, as in the output of `find -print0`, with a NUL byte.
    /// Blank lines and white space around a store path are ignored.
    func list() throws(ClosureError) -> [StorePath] {
        var found: [StorePath] = []
        for index in lines.indices where !lines[index].isEmpty { found.append(try storePath(index)) }
        return found
    }

    private func hasHashes() -> Bool? {
        guard let first = lines.firstIndex(where: { !$0.isEmpty }) else { return nil }
        if first + 2 < lines.count, NarHash(text(first + 1)) != nil { return true }
        return first + 2 < lines.count && Int(text(first + 2)) != nil ? false : nil
    }

    /// Records of: path, with `hasHashes` hash and size, deriver or nothing, how many references, references.
    mutating func registration(_ hasHashes: Bool) throws(ClosureError) -> [PathInfo] {
        if let line = lines.firstIndex(where: { content[$0].contains(0) }) {
            throw ClosureError(name, "\(name), line \(line + 1): a NUL byte is in a registration; write it again")
        }
        var infos: [PathInfo] = []
        while skipBlankLines() { infos.append(try record(hasHashes)) }
        return infos
    }

    private mutating func skipBlankLines() -> Bool {
        while next < lines.count, lines[next].isEmpty { next += 1 }
        return next < lines.count
    }

    private mutating func record(_ hasHashes: Bool) throws(ClosureError) -> PathInfo {
        let path = try storePath(try take("a store path"))
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
        if !lines[deriver].isEmpty { info.deriver = try storePath(deriver) }
        return info
    }

    private mutating func take(_ what: String) throws(ClosureError) -> Int {
        // The line after the last line end is none.
        guard next < lines.count - 1 || (next < lines.count && !lines[next].isEmpty) else {
            throw ClosureError(name, "\(name) ends in the middle of a record: \(what) is expected after line \(next)")
        }
        next += 1
        return next - 1
    }

    private func number(_ index: Int, _ what: String) throws(ClosureError) -> UInt64 {
        try UInt64(text(index)).orThrow { expected(what, index) }
    }

    private func storePath(_ index: Int) throws(ClosureError) -> StorePath {
        try store.storePath(content[lines[index]]).orThrow {
            let found = Path(content[lines[index]]).quoted
            return ClosureError(name, "\(name), line \(index + 1): \(found) is not a store path in \(store.directory)")
        }
    }

    private func text(_ index: Int) -> String { String(decoding: content[lines[index]], as: UTF8.self) }

    private func expected(_ what: String, _ index: Int) -> ClosureError {
        ClosureError(name, "\(name), line \(index + 1): \(what) is expected, not \(Path(content[lines[index]]).quoted)")
    }
}

extension Optional {
    /// Its value, or else an error.
    func orThrow<E: Error>(_ error: () -> E) throws(E) -> Wrapped {
        guard let self else { throw error() }
        return self
    }
}
