package import SystemCalls

/// A member that an archive on disk has.
package struct ListedMember: Hashable, Sendable {
    package enum Kind: Hashable, Sendable {
        case file, directory, other
        case symlink(target: Path)
        /// The name of another member.
        case hardLink(target: Path)
    }

    /// Relative, without `.` and slashes at the end; a `..` stays what it is.
    package let path: Path
    package let kind: Kind
    /// Where its content begins.
    package let offset: Int64
    package let size: Int64
}

/// Reads the headers of an archive on disk, one after the other, and passes over what they announce.
///
/// Understands what repot, Docker, skopeo and GNU tar write: ustar, pax records of paths and sizes, GNU's long names and large
/// numbers. What it does not understand is an error. Sources: POSIX.1-2017, pax; GNU tar manual, 'Basic Tar Format'.
package struct ArchiveListing: ~Copyable {
    private static let windowBytes = 65536
    /// Records and long names are kept in memory.
    private static let longestRecords: Int64 = 1 << 20

    private let file: Descriptor
    private let path: Path
    private let start: Int64
    private let end: Int64
    private var place: Int64
    private var window: [UInt8] = []
    private var windowStart: Int64 = 0

    /// The archive in these bytes of a file.
    package init(_ file: consuming Descriptor, named path: Path, _ range: Range<Int64>) {
        self.file = file
        self.path = path
        start = range.lowerBound
        place = start
        end = range.upperBound
    }

    /// The next member; nil at the end of the archive.
    package mutating func next() throws(ArchiveError) -> ListedMember? {
        var records: [[UInt8]: [UInt8]] = [:]
        while let header = try header() {
            let type = header.type
            switch type {
            case UInt8(ascii: "x"):
                for (key, value) in try self.records(of: header) { records[key] = value }
            case UInt8(ascii: "g"):
                // What they say of all members, such as a comment with a commit, is nothing that matters here.
                let keys = try self.records(of: header).map(\.key)
                for key in [Self.pathKey, Self.linkKey, Self.sizeKey] where keys.contains(key) {
                    throw malformed("its global header gives all members one \(String(decoding: key, as: UTF8.self))")
                }
            case UInt8(ascii: "L"): records[Self.pathKey] = try content(of: header).upToNull
            case UInt8(ascii: "K"): records[Self.linkKey] = try content(of: header).upToNull
            default: return try member(header, records)
            }
        }
        if !records.isEmpty { throw malformed("it ends after a header of records") }
        return nil
    }

    private static let pathKey = Array("path".utf8)
    private static let linkKey = Array("linkpath".utf8)
    private static let sizeKey = Array("size".utf8)

    private mutating func member(_ header: StoredHeader, _ records: [[UInt8]: [UInt8]]) throws(ArchiveError)
        -> ListedMember
    {
        let name = Path((records[Self.pathKey] ?? header.path).upToNull)
        let link = Path((records[Self.linkKey] ?? header.link).upToNull)
        let path = name.components.reduce(Path([])) { $0.appending($1) }
        let kind: ListedMember.Kind
        switch header.type {
        case 0, UInt8(ascii: "0"), UInt8(ascii: "7"):
            kind = name.bytes.last == Path.slash ? .directory : .file
        case UInt8(ascii: "1"): kind = .hardLink(target: link.components.reduce(Path([])) { $0.appending($1) })
        case UInt8(ascii: "2"): kind = .symlink(target: link)
        case UInt8(ascii: "5"): kind = .directory
        case UInt8(ascii: "3"), UInt8(ascii: "4"), UInt8(ascii: "6"): kind = .other
        default:
            let type = String(decoding: [header.type], as: UTF8.self)
            throw malformed("\(name.quoted) is of the type '\(type)', which only some programs know")
        }
        // The others have no content, whatever size some programs write.
        var size: Int64 = 0
        if kind == .file {
            size = header.size
            if let text = records[Self.sizeKey] {
                guard let number = Int64(String(decoding: text, as: UTF8.self)), number >= 0 else {
                    throw malformed("a record of \(name.quoted) gives it no valid size")
                }
                size = number
            }
        }
        return ListedMember(path: path, kind: kind, offset: try pass(size), size: size)
    }

    /// Goes on behind a content and the padding after it; returns where that begins.
    private mutating func pass(_ size: Int64) throws(ArchiveError) -> Int64 {
        let start = place
        guard size <= end - start else { throw malformed("it is cut off; make or fetch it anew") }
        place = min(start + size + size.padding, end)
        return start
    }

    /// nil at the end: a block of zeros, or nothing at all.
    private mutating func header() throws(ArchiveError) -> StoredHeader? {
        if place == end { return nil }
        let isFirst = place == start
        guard end - place >= Int64(UstarHeader.size) else { throw malformed("it is cut off; make or fetch it anew") }
        let bytes = try read(UstarHeader.size, at: place)
        if bytes.allSatisfy({ $0 == 0 }) { return nil }
        if isFirst, let program = Self.packer(bytes) {
            throw malformed("it is compressed; unpack it first with '\(program) -d'")
        }
        guard let header = StoredHeader(bytes) else {
            throw malformed(
                isFirst ? "it is no tar archive" : "its header at byte \(place) is damaged; make or fetch it anew")
        }
        place += Int64(UstarHeader.size)
        return header
    }

    /// Sources: RFC 1952, RFC 8878, the xz file format.
    private static func packer(_ bytes: [UInt8]) -> String? {
        if bytes.starts(with: [0x1f, 0x8b]) { return "gzip" }
        if bytes.starts(with: [0x28, 0xb5, 0x2f, 0xfd]) { return "zstd" }
        return bytes.starts(with: [0xfd, 0x37, 0x7a, 0x58, 0x5a]) ? "xz" : nil
    }

    private mutating func content(of header: StoredHeader) throws(ArchiveError) -> [UInt8] {
        guard header.size <= Self.longestRecords else { throw malformed("its records at byte \(place) are too long") }
        let start = try pass(header.size)
        return try read(Int(header.size), at: start)
    }

    private mutating func records(of header: StoredHeader) throws(ArchiveError) -> [(key: [UInt8], value: [UInt8])] {
        let content = try content(of: header)
        guard let records = PaxRecords.parsed(content) else {
            throw malformed("its records before byte \(place) are damaged")
        }
        return records
    }

    /// From the window where it is there: members of layers are small.
    private mutating func read(_ count: Int, at offset: Int64) throws(ArchiveError) -> [UInt8] {
        if offset < windowStart || offset + Int64(count) > windowStart + Int64(window.count) {
            let size = Int(min(end - offset, Int64(max(count, Self.windowBytes))))
            var fresh = [UInt8](repeating: 0, count: size)
            var failure: Errno?
            var isThere = false
            fresh.withUnsafeMutableBytes { buffer in
                do throws(Errno) { isThere = try file.read(exactly: buffer, at: offset) } catch { failure = error }
            }
            if let failure { throw ArchiveError(.read, failure, path) }
            guard isThere else { throw ArchiveError(.changed("it was truncated"), path) }
            (window, windowStart) = (fresh, offset)
        }
        let start = Int(offset - windowStart)
        return Array(window[start..<(start + count)])
    }

    private func malformed(_ what: String) -> ArchiveError {
        ArchiveError(.refused("cannot read \(path.quoted): \(what)"), path)
    }
}
