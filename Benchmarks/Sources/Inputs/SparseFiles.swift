import TestSupport

/// Files of one length whose data lies in different places.
struct SparseFiles {
    let length: Int
    /// Where each file has data.
    let layouts: [String: [Range<Int>]]

    private static let mebibyte = 1 << 20

    /// - Parameter length: in bytes, some MiB at least.
    init(length: Int) {
        self.length = length
        let (start, middle, end) = (0..<Self.mebibyte, length / 2, length - Self.mebibyte..<length)
        let islands = (1...256).map { $0 * (length / 257) / 4096 * 4096 }
        layouts = [
            "hole": [],
            "hole-first": [end],
            "hole-last": [start],
            "hole-between": [start, end],
            "holes-around": [middle..<middle + 2 * Self.mebibyte],
            "islands": islands.map { $0..<$0 + 4096 },
        ]
    }

    /// Makes the folder with the files in it.
    func build(at path: ByteString) throws {
        try TreeBuilder.build(at: path) { tree in
            for (name, data) in layouts.sorted(by: { $0.key < $1.key }) {
                try tree.file(ByteString(name), .sparse(length: length, data: data))
            }
        }
    }
}
