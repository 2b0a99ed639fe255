/// A processor architecture, in Go's words, as images have it. Source: OCI image specification, config.md,
/// 'architecture'.
public enum Architecture {
    /// Those that Go compiles for Linux.
    public static let known = [
        "386", "amd64", "arm", "arm64", "loong64", "mips", "mips64", "mips64le", "mipsle", "ppc64", "ppc64le",
        "riscv64",
        "s390x",
    ]

    /// The one that this program runs on.
    public static var own: String {
        #if arch(x86_64)
            "amd64"
        #elseif arch(arm64)
            "arm64"
        #elseif arch(riscv64)
            "riscv64"
        #elseif arch(s390x)
            "s390x"
        #elseif arch(powerpc64le)
            "ppc64le"
        #elseif arch(i386)
            "386"
        #elseif arch(arm)
            "arm"
        #else
            "unknown"
        #endif
    }

    /// How many bytes of a file tell it.
    public static let headerBytes = 20

    /// What an ELF file runs on, by its first bytes; nil for anything else. Source: elf(5).
    public static func of(elf bytes: [UInt8]) -> String? {
        guard bytes.count >= headerBytes, bytes.starts(with: [0x7f, 0x45, 0x4c, 0x46]) else { return nil }
        let is64 = bytes[4] == 2
        let isLittle = bytes[5] == 1
        let machine = isLittle ? Int(bytes[18]) | Int(bytes[19]) << 8 : Int(bytes[19]) | Int(bytes[18]) << 8
        switch (machine, is64, isLittle) {
        case (3, false, true): return "386"
        // 32-bit pointers on x86-64 need its kernel, and no name of their own.
        case (62, _, true): return "amd64"
        case (40, false, true): return "arm"
        case (183, true, true): return "arm64"
        case (258, true, true): return "loong64"
        case (8, false, _): return isLittle ? "mipsle" : "mips"
        case (8, true, _): return isLittle ? "mips64le" : "mips64"
        case (21, true, _): return isLittle ? "ppc64le" : "ppc64"
        case (243, true, true): return "riscv64"
        case (22, true, false): return "s390x"
        default: return nil
        }
    }
}
