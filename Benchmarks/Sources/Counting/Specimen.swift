import TestSupport

/// Something of which one tree has more than another, so that the difference of two runs is its price.
enum Specimen: String, CaseIterable {
    case file, symlink, folder

    static let few = 100
    static let many = 1100

    /// What a tree with so many of them is called.
    func tree(_ count: Int) -> ByteString { "\(rawValue)-\(count)" }

    /// A tree with so many of them, and nothing else.
    func build(_ count: Int, at path: ByteString) throws {
        try TreeBuilder.build(at: path) { tree in
            for index in 0..<count { try add("\(index)", to: tree) }
        }
    }

    private func add(_ name: ByteString, to tree: TreeBuilder) throws {
        switch self {
        case .file: try tree.file(name, .pattern(size: 5000))
        case .symlink: try tree.symbolicLink(name, to: "target")
        case .folder: try tree.directory(name)
        }
    }
}
