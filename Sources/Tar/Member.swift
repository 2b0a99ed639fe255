package import SystemCalls

/// One member of an archive, as its header tells of it.
package struct Member: Sendable, Equatable {
    package enum Kind: Sendable, Equatable {
        case regular, directory, fifo
        case symlink(target: [UInt8])
        case hardLink(target: [UInt8])
        case characterDevice(DeviceNumber), blockDevice(DeviceNumber)
    }

    /// Relative; a directory's without the slash that it has in the archive.
    package var path: [UInt8]
    package var kind: Kind
    package var mode: FileMode
    package var owner: Ownership
    package var modified: Timestamp
    package var size: Int64 = 0
    package var attributes: [PaxAttribute] = []
    /// Whether the member is a sparse file in a form of GNU tar, whose holes are not in the archive. Then `size` counts
    /// the bytes in the archive, and the content cannot be read.
    package var isSparse = false

    /// The bytes before the content.
    ///
    /// - Parameter offset: where the member begins, if its content is to begin on a block boundary of file systems.
    package func header(alignedFrom offset: Int64? = nil) -> [UInt8] {
        var records = records
        let main = longNames + ustar.bytes
        if let offset { align(&records, offset + Int64(main.count - UstarHeader.size)) }
        if records.isEmpty { return main }
        let text = records.bytes
        return extendedHeader(count: text.count).bytes + text.paddedToBlocks + main
    }

    /// GNU tar's members for a name, or a link target, that is too long for ustar and not ASCII. Readers use the bytes
    /// of such a member unchanged, whereas bsdtar converts a pax record to its locale and so composes decomposed
    /// characters. Source: GNU tar manual, 'Basic Tar Format', GNUTYPE_LONGNAME.
    private var longNames: [UInt8] {
        var members: [UInt8] = []
        if isLinkLong, !link.isASCII { members += Self.longName(link, type: UInt8(ascii: "K")) }
        if isPathLong, !archivePath.isASCII { members += Self.longName(archivePath, type: UInt8(ascii: "L")) }
        return members
    }

    private static func longName(_ name: [UInt8], type: UInt8) -> [UInt8] {
        let text = name + [0]
        let header = UstarHeader(
            SplitName(shortening: Array("././@LongLink".utf8)), type: type, mode: 0o644,
            owner: Ownership(user: 0, group: 0), size: Int64(text.count), seconds: 0, link: [], device: nil)
        return header.bytes + text.paddedToBlocks
    }

    private var isPathLong: Bool { path.count >= UstarHeader.nameLimit && SplitName(archivePath) == nil }

    private var isLinkLong: Bool { link.count > UstarHeader.nameLimit }

    /// Records with as many blocks as bring the content to a multiple of 4,096.
    private func align(_ records: inout PaxRecords, _ offset: Int64) {
        let own = records.isEmpty ? 0 : (records.bytes.count + UstarHeader.size - 1) / UstarHeader.size
        let plain = records.isEmpty ? 1 : 2 + own
        if (Int(offset) + plain * UstarHeader.size) % Self.alignment == 0 { return }
        // One block more than there are leaves room for the comment, whatever its length.
        let least = offset / Int64(UstarHeader.size) + Int64(2 + own + 1)
        let perBoundary = Int64(Self.alignment / UstarHeader.size)
        let extra = (perBoundary - least % perBoundary) % perBoundary
        records.fill(blocks: own + 1 + Int(extra))
    }

    static let alignment = 4096

    /// As it stands in the archive.
    private var archivePath: [UInt8] { kind == .directory ? path + [Path.slash] : path }

    private var link: [UInt8] {
        switch kind {
        case .symlink(let target), .hardLink(let target): target
        default: []
        }
    }

    private var type: UInt8 {
        switch kind {
        case .regular: UInt8(ascii: "0")
        case .hardLink: UInt8(ascii: "1")
        case .symlink: UInt8(ascii: "2")
        case .characterDevice: UInt8(ascii: "3")
        case .blockDevice: UInt8(ascii: "4")
        case .directory: UInt8(ascii: "5")
        case .fifo: UInt8(ascii: "6")
        }
    }

    private var device: DeviceNumber? {
        switch kind {
        case .characterDevice(let device), .blockDevice(let device): device
        default: nil
        }
    }

    private var ustar: UstarHeader {
        UstarHeader(
            SplitName(archivePath) ?? SplitName(shortening: archivePath), type: type, mode: mode.rawValue,
            owner: Ownership(
                user: isShort(owner.user) ? owner.user : 0, group: isShort(owner.group) ? owner.group : 0),
            size: size <= UstarHeader.longLimit ? size : 0, seconds: hasPlainTime ? modified.seconds : 0,
            link: link.prefix(UstarHeader.nameLimit), device: device)
    }

    private func isShort(_ number: UInt32) -> Bool { Int(number) <= UstarHeader.shortLimit }

    private var hasPlainTime: Bool { (0...UstarHeader.longLimit).contains(modified.seconds) }

    /// Only what ustar cannot say.
    private var records: PaxRecords {
        var records = PaxRecords()
        if isPathLong, archivePath.isASCII { records.add("path", archivePath) }
        if isLinkLong, link.isASCII { records.add("linkpath", link) }
        if size > UstarHeader.longLimit { records.add("size", size) }
        if !isShort(owner.user) { records.add("uid", owner.user) }
        if !isShort(owner.group) { records.add("gid", owner.group) }
        if !hasPlainTime || modified.nanoseconds != 0 { records.add("mtime", modified.decimal.utf8) }
        for attribute in attributes { records.add(attribute.key, attribute.value) }
        return records
    }

    /// The header of the records, under a name for readers that do not know pax.
    private func extendedHeader(count: Int) -> UstarHeader {
        let name = Array("PaxHeaders/".utf8) + Path(path).lastComponent.bytes
        return UstarHeader(
            SplitName(shortening: name), type: UInt8(ascii: "x"), mode: 0o644, owner: Ownership(user: 0, group: 0),
            size: Int64(count), seconds: 0, link: [], device: nil)
    }
}

/// An attribute as a record.
package struct PaxAttribute: Sendable, Hashable {
    package let key: [UInt8]
    package let value: [UInt8]
}

extension Timestamp {
    /// Seconds as a decimal fraction. Before 1970 the fraction counts towards zero, as the whole does.
    fileprivate var decimal: String {
        if nanoseconds == 0 { return String(seconds) }
        let isNegative = seconds < 0
        let whole = isNegative ? -(seconds + 1) : seconds
        let parts = isNegative ? 1_000_000_000 - nanoseconds : nanoseconds
        let digits = String(parts)
        var fraction = String(repeating: "0", count: 9 - digits.count) + digits
        while fraction.hasSuffix("0") { fraction.removeLast() }
        return "\(isNegative ? "-" : "")\(whole).\(fraction)"
    }
}

extension Array where Element == UInt8 {
    fileprivate var isASCII: Bool { allSatisfy { $0 < 0x80 } }

    /// With zeros up to a whole number of blocks.
    package var paddedToBlocks: [UInt8] { self + [UInt8](repeating: 0, count: count.padding) }
}

extension BinaryInteger {
    /// The bytes that are missing to a whole number of blocks.
    var padding: Self { (512 - self % 512) % 512 }
}
