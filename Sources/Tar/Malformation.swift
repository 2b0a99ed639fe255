/// What is wrong with an archive, and what to do about it; the reader adds where.
struct Malformation: Error {
    let what: String
    let remedy: String

    init(_ what: String, remedy: String = "make or fetch it anew") {
        self.what = what
        self.remedy = remedy
    }

    /// Of what begins with a block that is no header. Source of the last mark: the xz file format, 2.1.1.1.
    init(beginning block: UnsafeRawBufferPointer) {
        let tool: String? =
            switch Packing(beginning: block) {
            case .gzip: "gzip"
            case .zstd: "zstd"
            case .none: block.starts(with: [0xfd, 0x37, 0x7a, 0x58, 0x5a]) ? "xz" : nil
            }
        if let tool {
            self.init("it is compressed", remedy: "unpack it first with '\(tool) -d'")
        } else {
            self.init("it is no tar archive", remedy: "name another file, or make or fetch this one anew")
        }
    }
}
