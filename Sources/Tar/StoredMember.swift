import SystemCalls

/// Members of archives that other programs wrote.
extension Member {
    /// A size for which the offset of the end of the content does not overflow.
    private static let largest = Int64.max / 2
    /// The length that no path reaches in the kernel, its NUL included. Source: limits.h, PATH_MAX.
    private static let maxPathLength = 4096

    init(_ header: HeaderFields, _ fields: PaxFields) throws(Malformation) {
        let hasSparseRecords = try fields.isSparse()
        let isSparse = hasSparseRecords || header.isSparse
        let name = fields.path ?? header.path
        let link = fields["linkpath"] ?? header.link
        if let reason = fields.ambiguity ?? header.ambiguity { throw .ambiguous(name, reason) }
        try Self.check(name, link)
        let kind = try Kind(header, name, link)
        let size = try Self.size(header, fields, name)
        if isSparse, kind != .regular { throw .sparse }
        // Some readers skip the content, and others read it as headers.
        if kind != .regular, size > 0 { throw .ambiguous(name, "has content, which its type does not have") }
        let owner = Ownership(
            user: try Self.owner("uid", fields) ?? header.owner.user,
            group: try Self.owner("gid", fields) ?? header.owner.group)
        self.init(
            path: name.last == Path.slash ? Path(name).withoutTrailingSlashes.bytes : name, kind: kind,
            mode: FileMode(rawValue: header.mode), owner: owner, modified: try Self.modified(header, fields),
            size: size, attributes: fields.attributes, isSparse: isSparse)
    }

    /// Requires that no other name leads to the same location, and that unpackers can create it.
    private static func check(_ name: [UInt8], _ link: [UInt8]) throws(Malformation) {
        if name.isEmpty { throw Malformation("a member has no name") }
        if name.contains(0) || link.contains(0) { throw Malformation("the name of a member has a NUL in it") }
        if name.count >= maxPathLength || link.count >= maxPathLength {
            let start = Path(Array(name.prefix(64))).quoted
            throw Malformation("a member has a name of more than \(maxPathLength - 1) bytes; it starts with \(start)")
        }
        if Path(name).components.contains("..") {
            throw Malformation("\(Path(name).quoted) has '..' in its name", remedy: "make it anew with plain names")
        }
    }

    private static func size(
        _ header: HeaderFields, _ fields: PaxFields, _ name: [UInt8]
    ) throws(Malformation) -> Int64 {
        if fields["size"] == nil { return header.size }
        guard let size = fields.number("size"), (0...largest).contains(size) else {
            throw Malformation("a record gives a member a size that is none")
        }
        // Writers use the record for sizes that do not fit into the header. Some readers use the header nevertheless.
        if size != header.size, size <= UstarHeader.longLimit {
            throw .ambiguous(name, "has the size \(header.size) in its header and \(size) in a record")
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
    /// POSIX reads an unknown type as a file; Docker refuses it.
    fileprivate init(_ header: HeaderFields, _ name: [UInt8], _ link: [UInt8]) throws(Malformation) {
        let hasSlash = name.last == Path.slash
        switch header.type {
        case 0:
            // Before ustar a slash at the end made a directory. Python looks at the name in the header only.
            if hasSlash != (header.path.last == Path.slash) {
                throw .ambiguous(name, "is a directory by one of its names, and a file by the other")
            }
            self = hasSlash ? .directory : .regular
        case UInt8(ascii: "0"): self = .regular
        case UInt8(ascii: "S") where header.isSparse: self = .regular
        case UInt8(ascii: "1"):
            self = .hardLink(target: link)
            try Self.check(hardLink: link, name)
        case UInt8(ascii: "2"):
            self = .symlink(target: link)
            if link.isEmpty { throw .ambiguous(name, "is a symlink without a target") }
        case UInt8(ascii: "3"): self = .characterDevice(header.device)
        case UInt8(ascii: "4"): self = .blockDevice(header.device)
        case UInt8(ascii: "5"): self = .directory
        case UInt8(ascii: "6"): self = .fifo
        default:
            throw Malformation(
                "\(Path(name).quoted) is of the type \(Path([header.type]).quoted), which only some programs know",
                remedy: "make it anew as ustar or pax")
        }
        // Go and Python read the type, and GNU tar and bsdtar make a directory.
        if self != .directory, hasSlash || name.suffix(2).elementsEqual("/.".utf8) || name.elementsEqual(".".utf8) {
            throw .ambiguous(name, "is a directory by its name, and by its type it is not")
        }
    }

    private static func check(hardLink target: [UInt8], _ name: [UInt8]) throws(Malformation) {
        if target.isEmpty { throw .ambiguous(name, "is a hard link without a target") }
        if Path(target).components.contains("..") { throw .ambiguous(name, "is a hard link to a path with '..'") }
        if Path(target).components == Path(name).components { throw .ambiguous(name, "is a hard link to itself") }
    }
}

extension Malformation {
    /// A member that programs read with different names, types or contents.
    fileprivate static func ambiguous(_ name: [UInt8], _ reason: String) -> Malformation {
        Malformation(
            "\(Path(name).quoted) \(reason), and programs read it differently",
            remedy: "write the archive again with another program")
    }
}
