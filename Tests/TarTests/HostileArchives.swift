import TestSupport
import Testing

/// An archive that nobody should read, and what is to be said of it.
struct HostileArchive: Sendable, CustomTestStringConvertible {
    let testDescription: String
    let bytes: [UInt8]
    let why: String

    init(_ what: String, _ parts: [UInt8]..., says why: String) {
        testDescription = what
        bytes = Array(parts.joined())
        self.why = why
    }

    static let all = foreign + cut + numbers + records + names + kinds + ambiguous

    static let end = [UInt8](repeating: 0, count: 1024)
    static let file = RawMember().bytes

    private static func file(_ change: (inout RawMember) -> Void) -> [UInt8] {
        var member = RawMember()
        change(&member)
        return member.bytes
    }

    private static func file(size: [UInt8]) -> [UInt8] { file { $0.size = size } }

    private static func zeros(_ count: Int) -> [UInt8] { [UInt8](repeating: 0, count: count) }

    private static let foreign = [
        HostileArchive("text", Array(String(repeating: "text ", count: 300).utf8), says: "it is no tar archive"),
        HostileArchive("a short text", Array("text".utf8), says: "it is no tar archive"),
        HostileArchive("xz", [0xfd, 0x37, 0x7a, 0x58, 0x5a, 0], end, says: "unpack it first with 'xz -d'"),
        HostileArchive("gzip", [0x1f, 0x8b, 8, 0], says: "unpack it first with 'gzip -d'"),
        HostileArchive("zstd", [0x28, 0xb5, 0x2f, 0xfd, 0], says: "unpack it first with 'zstd -d'"),
        HostileArchive("pzstd", [0x50, 0x2a, 0x4d, 0x18, 4, 0, 0, 0], says: "unpack it first with 'zstd -d'"),
    ]

    private static let cut = [
        HostileArchive("a cut in a header", file, Array(file.prefix(100)), says: "it is cut off"),
        HostileArchive("a cut in a content", file(size: RawMember.octal(700)), zeros(512), says: "it is cut off"),
        HostileArchive("a lying size", file(size: RawMember.octal(1 << 32)), end, says: "it is cut off"),
        HostileArchive("a huge lying size", file(size: [0x80, 0, 0, 0, 0x3f] + zeros(7)), end, says: "it is cut off"),
        HostileArchive("a wrong checksum", file, file.map { $0 == 0x65 ? 0x66 : $0 }, end, says: "a wrong checksum"),
        HostileArchive("a single block of zeros", file, zeros(512), file, says: "a single block of zeros is no end"),
        HostileArchive("an end after records", RawMember.records("path=b"), end, says: "ends after an extended header"),
    ]

    private static let numbers = [
        HostileArchive(
            "a size beyond all", file(size: [0x80, 0, 0, 0, 0x7f] + zeros(7)), end, says: "a number that is none"),
        HostileArchive(
            "a negative size", file(size: [UInt8](repeating: 0xff, count: 12)), end, says: "a number that is none"),
        HostileArchive(
            "a size with a sign", file(size: Array("000000-0001\0".utf8)), end, says: "a number that is none"),
        HostileArchive(
            "a negative owner", file { $0.owner = [UInt8](repeating: 0xff, count: 8) }, end,
            says: "a number that is none"),
        HostileArchive(
            "a record of a negative size", RawMember.records("size=-1"), file, end, says: "a size that is none"),
        HostileArchive(
            "the largest size", RawMember.records("size=\(Int64.max)"), file, end, says: "a size that is none"),
        HostileArchive("a size beyond numbers", RawMember.records("size=1e30"), file, end, says: "a size that is none"),
        HostileArchive("a record of a negative owner", RawMember.records("uid=-2"), file, end, says: "no system has"),
        HostileArchive(
            "the first time", RawMember.records("mtime=\(Int64.min).5"), file, end, says: "a time that is none"),
        HostileArchive("a time of letters", RawMember.records("mtime=now"), file, end, says: "a time that is none"),
    ]

    private static func raw(_ text: String) -> [UInt8] { RawMember.extended("x", Array(text.utf8)) }

    private static let records = [
        HostileArchive("no length", raw("a=b\n"), file, end, says: "a wrong length"),
        HostileArchive("a length beyond the text", raw("9999999 a=b\n"), file, end, says: "a wrong length"),
        HostileArchive("a length beyond numbers", raw("99999999999999999999 a=b\n"), file, end, says: "a wrong length"),
        HostileArchive("a negative length", raw("-8 a=b\n"), file, end, says: "a wrong length"),
        HostileArchive("a length of nothing", raw("2 a=b\n"), file, end, says: "a wrong length"),
        HostileArchive("no line end", raw("6 a=bc"), file, end, says: "a wrong length"),
        HostileArchive("no value", RawMember.records("path"), file, end, says: "has no '='"),
        HostileArchive("huge records", RawMember.extended("x", zeros(2 << 20)), says: "longer than a mebibyte"),
        HostileArchive("a huge name", RawMember.extended("L", zeros(2 << 20)), says: "longer than a mebibyte"),
        HostileArchive("huge records of all", RawMember.extended("g", zeros(2 << 20)), says: "longer than a mebibyte"),
        HostileArchive(
            "a name for all", RawMember.extended("g", RawMember.line("path=b")), file, end,
            says: "a global header gives all members one 'path'"),
    ]

    private static let names = [
        HostileArchive("no name", file { $0.name = [] }, end, says: "a member has no name"),
        HostileArchive("an empty long name", RawMember.extended("L", [0]), file, end, says: "a member has no name"),
        HostileArchive("a NUL in a name", RawMember.records("path=a\0b"), file, end, says: "has a NUL in it"),
        HostileArchive("a NUL in a link", RawMember.records("linkpath=a\0b"), file, end, says: "has a NUL in it"),
        HostileArchive("a name", file { $0.name = Array("a/../b".utf8) }, end, says: "'a/../b' has '..' in its name"),
        HostileArchive(
            "a prefix", file { $0.prefix = Array("/..".utf8) }, end, says: "'/../file' has '..' in its name"),
        HostileArchive("a record", RawMember.records("path=../a"), file, end, says: "'../a' has '..' in its name"),
        HostileArchive(
            "a long name", RawMember.extended("L", Array("a/..\0".utf8)), file, end, says: "'a/..' has '..' in its name"
        ),
    ]

    private static let kinds = [
        HostileArchive("GNU tar's type in a header of POSIX", file { $0.type = 0x53 }, end, says: "of the type 'S'"),
        HostileArchive("half a version", RawMember.records("GNU.sparse.major=1"), file, end, says: "without --sparse"),
        HostileArchive(
            "a sparse directory", RawMember.records("GNU.sparse.map=0,1"),
            file { ($0.name, $0.type) = (Array("a/".utf8), 0x35) }, end, says: "without --sparse"),
        HostileArchive(
            "a sparse symlink", RawMember.records("GNU.sparse.map=0,1"),
            file { ($0.type, $0.link) = (0x32, Array("a".utf8)) }, end, says: "without --sparse"),
        HostileArchive(
            "sparse files for all", RawMember.extended("g", RawMember.line("GNU.sparse.map=0,1")), file, end,
            says: "without --sparse"),
        HostileArchive(
            "a name of a sparse file", RawMember.records("GNU.sparse.map=0,1", "GNU.sparse.name=../a"), file, end,
            says: "'../a' has '..' in its name"),
        HostileArchive("an unknown type", file { $0.type = 0x56 }, end, says: "'file' is of the type 'V'"),
    ]

    /// Members that GNU tar, bsdtar, Python and Go read with different names, types or contents.
    private static let ambiguous = [
        HostileArchive(
            "two headers of records", RawMember.records("path=a"), RawMember.records("mtime=1"), file, end,
            says: "'a' has more than one header of the type 'x'"),
        HostileArchive(
            "two long names", RawMember.extended("L", Array("a\0".utf8)), RawMember.extended("L", Array("b\0".utf8)),
            file, end, says: "'b' has more than one header of the type 'L'"),
        HostileArchive(
            "a long name and a record", RawMember.extended("L", Array("a\0".utf8)), RawMember.records("path=b"), file,
            end, says: "'b' has its 'path' in headers of two types"),
        HostileArchive(
            "a record and a long link", RawMember.records("linkpath=b"), RawMember.extended("K", Array("a\0".utf8)),
            file { $0.type = 0x32 }, end, says: "'file' has its 'linkpath' in headers of two types"),
        HostileArchive(
            "a global header between", RawMember.records("path=a"),
            RawMember.extended("g", RawMember.line("comment=c")), file, end,
            says: "'a' has a global header between its own headers"),
        HostileArchive(
            "a time for all", RawMember.extended("g", RawMember.line("mtime=1")), file, end,
            says: "a global header gives all members one 'mtime'"),
        HostileArchive(
            "an attribute for all", RawMember.extended("g", RawMember.line("SCHILY.xattr.user.a=1")), file, end,
            says: "a global header gives all members one 'SCHILY.xattr.user.a'"),
        HostileArchive(
            "two names in one header", RawMember.records("path=a", "path=b"), file, end,
            says: "'b' has two records 'path' in one header"),
        HostileArchive(
            "a blank before a key", RawMember.records(" path=a"), file, end,
            says: "'file' has a record ' path' with a blank before its name"),
        HostileArchive(
            "an empty name", RawMember.records("path="), file, end, says: "has an empty 'path'"),
        HostileArchive(
            "a NUL in a long name", RawMember.extended("L", Array("a\0b\0".utf8)), file, end,
            says: "'a' has a NUL in its long 'path'"),
        HostileArchive(
            "a record with the sparse format of star", RawMember.records("SCHILY.realsize=1"), file, end,
            says: "'file' has a record 'SCHILY.realsize'"),
        HostileArchive(
            "two sizes", RawMember.records("size=512"), file(size: RawMember.octal(0)), zeros(512), end,
            says: "'file' has the size 0 in its header and 512 in a record"),
        HostileArchive(
            "a file with the name of a directory", file { $0.name = Array("a/".utf8) }, end,
            says: "'a/' is a directory by its name, and by its type it is not"),
        HostileArchive(
            "a symlink with the name of a directory",
            file { ($0.name, $0.type, $0.link) = (Array("a/.".utf8), 0x32, Array("b".utf8)) }, end,
            says: "'a/.' is a directory by its name, and by its type it is not"),
        HostileArchive(
            "a directory by one name", RawMember.records("path=b"),
            file { ($0.name, $0.type) = (Array("a/".utf8), 0) }, end,
            says: "'b' is a directory by one of its names, and a file by the other"),
        HostileArchive(
            "a directory with content", file { ($0.type, $0.size) = (0x35, RawMember.octal(512)) }, zeros(512), end,
            says: "'file' has content, which its type does not have"),
        HostileArchive(
            "a hard link with content",
            file { ($0.type, $0.size, $0.link) = (0x31, RawMember.octal(512), Array("a".utf8)) }, zeros(512), end,
            says: "'file' has content, which its type does not have"),
        HostileArchive(
            "a hard link to a path with ..", file { ($0.type, $0.link) = (0x31, Array("a/../b".utf8)) }, end,
            says: "'file' is a hard link to a path with '..'"),
        HostileArchive(
            "a hard link to itself", file { ($0.type, $0.link) = (0x31, Array("./file".utf8)) }, end,
            says: "'file' is a hard link to itself"),
        HostileArchive(
            "a symlink without a target", file { $0.type = 0x32 }, end, says: "'file' is a symlink without a target"),
        HostileArchive(
            "a prefix without a format", file { ($0.prefix, $0.magic) = (Array("a".utf8), zeros(8)) }, end,
            says: "'file' has a prefix, which its format does not have"),
        HostileArchive(
            "a prefix in GNU tar's format",
            file { ($0.prefix, $0.magic) = (Array("a".utf8), Array("ustar  \0".utf8)) }, end,
            says: "'file' has a prefix, which its format does not have"),
        HostileArchive(
            "an unknown format", file { $0.magic = Array("ustar12\0".utf8) }, end,
            says: "'file' is of an unknown format"),
        HostileArchive("no size", file(size: zeros(12)), end, says: "a number that is none"),
        HostileArchive(
            "a size in two parts", file(size: Array("00000 00000\0".utf8)), end, says: "a number that is none"),
        HostileArchive(
            "a NUL before a size", file(size: Array("\00000000014\0".utf8)), end, says: "a number that is none"),
        HostileArchive(
            "bits in the first byte of a size", file(size: [0x81] + zeros(11)), end, says: "a number that is none"),
        HostileArchive(
            "a name that no path has", RawMember.records("path=\(String(repeating: "a/", count: 2048))"), file, end,
            says: "a name of more than 4095 bytes"),
    ]
}
