import Glibc

/// Directories one within the other, so deep that their path exceeds any limit, with a file at the bottom.
public struct DeepTree: Sendable {
    /// How many directories lie one within the other.
    public let levels: Int
    /// How long the name of each is, at most 255.
    public let nameLength: Int

    /// The file in the deepest directory.
    public static let leaf: ByteString = "leaf"

    /// Beyond 20 levels with names of 200 bytes the path is longer than PATH_MAX.
    public init(levels: Int, nameLength: Int = 200) {
        self.levels = levels
        self.nameLength = nameLength
    }

    /// The path of the deepest directory, relative to where the tree was built.
    public var deepestPath: ByteString {
        let name = name.bytes + [UInt8(ascii: "/")]
        return ByteString(Array(repeatElement(name, count: levels).joined().dropLast()))
    }

    /// Builds the tree below `path`, an existing directory, with one descriptor at a time.
    public func build(at path: ByteString) throws(TestError) {
        var directory = try Descriptor.directory(at: path)
        for _ in 0..<levels {
            try check("mkdir", name) { mkdirat(directory.number, name.cString, 0o755) }
            directory = try directory.openDirectory(name)
        }
        let file = try Descriptor.open(
            Self.leaf, in: directory.number, O_WRONLY | O_CREAT | O_EXCL, mode: 0o644)
        try FileContent.text("bottom\n").write(to: file)
    }

    private var name: ByteString {
        ByteString([UInt8](repeating: UInt8(ascii: "d"), count: nameLength))
    }
}

/// One directory with very many files.
public struct FlatFolder: Sendable {
    /// How many files there are.
    public let count: Int
    /// How large each of them is.
    public let bytesPerFile: Int

    /// Describes the folder; `build` makes it.
    public init(count: Int, bytesPerFile: Int = 0) {
        self.count = count
        self.bytesPerFile = bytesPerFile
    }

    /// The name of one of the files, 0 being the first.
    public func name(_ index: Int) -> ByteString {
        let digits = String(index)
        return ByteString("f" + String(repeating: "0", count: max(0, 7 - digits.count)) + digits)
    }

    /// Fills `path`, an existing directory.
    public func build(at path: ByteString) throws(TestError) {
        let directory = try Descriptor.directory(at: path)
        for index in 0..<count {
            let file = try Descriptor.open(
                name(index), in: directory.number, O_WRONLY | O_CREAT | O_EXCL, mode: 0o644)
            try FileContent.pattern(size: bytesPerFile, seed: UInt64(index)).write(to: file)
        }
    }
}
