import SystemCalls

/// One block of 512 bytes that begins a member. Source: POSIX.1-2017, pax, 'ustar Interchange Format'.
///
/// ```
/// name 0-99  mode 100  uid 108  gid 116  size 124  mtime 136  checksum 148  type 156  linkname 157-256
/// magic and version 257  uname 265  gname 297  devmajor 329  devminor 337  prefix 345-499
/// ```
struct UstarHeader {
    static let size = 512
    static let nameLimit = 100
    static let prefixLimit = 155
    /// The most that seven octal digits say, for owners and devices.
    static let shortLimit = 0o7777777
    /// The most that eleven octal digits say, for sizes and times.
    static let longLimit: Int64 = 0o77777777777

    private(set) var bytes = [UInt8](repeating: 0, count: UstarHeader.size)

    init(
        _ name: SplitName, type: UInt8, mode: UInt32, owner: Ownership, size: Int64, seconds: Int64,
        link: some Sequence<UInt8>, device: DeviceNumber?
    ) {
        put(name.name, at: 0)
        put(octal(UInt64(mode), digits: 7), at: 100)
        put(octal(UInt64(owner.user), digits: 7), at: 108)
        put(octal(UInt64(owner.group), digits: 7), at: 116)
        put(octal(UInt64(size), digits: 11), at: 124)
        put(octal(UInt64(seconds), digits: 11), at: 136)
        bytes[156] = type
        put(link, at: 157)
        put("ustar\0".utf8, at: 257)
        put("00".utf8, at: 263)
        put(octal(UInt64(device?.major ?? 0), digits: 7), at: 329)
        put(octal(UInt64(device?.minor ?? 0), digits: 7), at: 337)
        put(name.prefix, at: 345)
        seal()
    }

    /// The sum of all bytes, those of the checksum itself taken as spaces: six digits, NUL, space.
    private mutating func seal() {
        put("        ".utf8, at: 148)
        let sum = bytes.reduce(0) { $0 + UInt64($1) }
        put(octal(sum, digits: 6), at: 148)
        bytes[154] = 0
    }

    private mutating func put(_ field: some Sequence<UInt8>, at offset: Int) {
        var place = offset
        for byte in field {
            bytes[place] = byte
            place += 1
        }
    }

    private func octal(_ number: UInt64, digits: Int) -> [UInt8] {
        var rest = number
        var text = [UInt8](repeating: UInt8(ascii: "0"), count: digits)
        for place in text.indices.reversed() {
            text[place] += UInt8(rest & 7)
            rest >>= 3
        }
        return text
    }
}

/// A member's name in the two fields that a header has for it.
struct SplitName: Equatable {
    let name: ArraySlice<UInt8>
    let prefix: ArraySlice<UInt8>

    /// Cut at the first slash that leaves a name short enough; nil when there is none.
    init?(_ path: [UInt8]) {
        if path.count <= UstarHeader.nameLimit {
            name = path[...]
            prefix = []
            return
        }
        // A slash at the very end of a directory's name cuts nothing off.
        let cut = path.dropLast().indices.first { index in
            path[index] == Path.slash && index > 0 && path.count - index - 1 <= UstarHeader.nameLimit
        }
        guard let cut, cut <= UstarHeader.prefixLimit else { return nil }
        name = path[(cut + 1)...]
        prefix = path[..<cut]
    }

    /// What fits of a name whose record says all of it: readers without pax see the beginning of the path.
    init(shortening path: [UInt8]) {
        name = path.prefix(UstarHeader.nameLimit)
        prefix = []
    }
}
