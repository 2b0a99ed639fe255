import SystemCalls

/// Members as somebody wrote them.
extension Member {
    /// So much that the end of a content can always be told.
    private static let largest = Int64.max / 2

    init(_ header: HeaderFields, _ fields: PaxFields) throws(Malformation) {
        let hasSparseRecords = try fields.isSparse()
        let isSparse = hasSparseRecords || header.isSparse
        let name = fields.path ?? header.path
        let link = fields["linkpath"] ?? header.link
        try Self.check(name, link)
        let kind = try Kind(header, name, link)
        let size = try Self.size(header, fields)
        if isSparse, kind != .regular { throw .sparse }
        if kind == .directory, size > 0, header.type != UInt8(ascii: "5") {
            throw Malformation("\(Path(name).quoted) is a file by its size, and a directory by its name")
        }
        let owner = Ownership(
            user: try Self.owner("uid", fields) ?? header.owner.user,
            group: try Self.owner("gid", fields) ?? header.owner.group)
        self.init(
            path: name.last == Path.slash ? Path(name).withoutTrailingSlashes.bytes : name, kind: kind,
            mode: FileMode(rawValue: header.mode), owner: owner, modified: try Self.modified(header, fields),
            // What has no content has no size, whatever is said. Source: Go, archive/tar, 'isHeaderOnlyType'.
            size: kind == .regular ? size : 0, attributes: fields.attributes, isSparse: isSparse)
    }

    /// Whoever looks for a name has to be sure that no other leads to the same place.
    private static func check(_ name: [UInt8], _ link: [UInt8]) throws(Malformation) {
        if name.isEmpty { throw Malformation("a member has no name") }
        if name.contains(0) || link.contains(0) { throw Malformation("the name of a member has a NUL in it") }
        if Path(name).components.contains("..") {
            throw Malformation("\(Path(name).quoted) has '..' in its name", remedy: "make it anew with plain names")
        }
    }

    private static func size(_ header: HeaderFields, _ fields: PaxFields) throws(Malformation) -> Int64 {
        if fields["size"] == nil { return header.size }
        guard let size = fields.number("size"), (0...largest).contains(size) else {
            throw Malformation("a record gives a member a size that is none")
        }
        return size
    }

    /// nil where no record says it.
    private static func owner(_ key: String, _ fields: PaxFields) throws(Malformation) -> UInt32? {
        if fields[key] == nil { return nil }
        guard let number = fields.number(key).flatMap({ UInt32(exactly: $0) }) else {
            throw Malformation("a record gives a member a '\(key)' that no system has")
        }
        return number
    }

    private static func modified(_ header: HeaderFields, _ fields: PaxFields) throws(Malformation) -> Timestamp {
        if fields["mtime"] == nil { return Timestamp(seconds: header.seconds, nanoseconds: 0) }
        guard let time = fields.modified else { throw Malformation("a record gives a member a time that is none") }
        return time
    }
}

extension Member.Kind {
    /// POSIX takes what it does not know for a file; Docker refuses it.
    fileprivate init(_ header: HeaderFields, _ name: [UInt8], _ link: [UInt8]) throws(Malformation) {
        switch header.type {
        // Before ustar a slash at the end made a directory.
        case 0, UInt8(ascii: "0"), UInt8(ascii: "7"): self = name.last == Path.slash ? .directory : .regular
        case UInt8(ascii: "S") where header.isSparse: self = .regular
        case UInt8(ascii: "1"): self = .hardLink(target: link)
        case UInt8(ascii: "2"): self = .symlink(target: link)
        case UInt8(ascii: "3"): self = .characterDevice(header.device)
        case UInt8(ascii: "4"): self = .blockDevice(header.device)
        case UInt8(ascii: "5"): self = .directory
        case UInt8(ascii: "6"): self = .fifo
        default:
            throw Malformation(
                "\(Path(name).quoted) is of the type \(Path([header.type]).quoted), which only some programs know",
                remedy: "make it anew as ustar or pax")
        }
    }
}
