package import NixClosure
import SystemCalls

extension StorePath {
    /// A store path of that name; its hash is the name's first digits and zeros.
    package init(named name: String) throws {
        let digits = Set("0123456789abcdfghijklmnpqrsvwxyz".utf8)
        let hash = name.utf8.filter(digits.contains).prefix(32)
        let padding = [UInt8](repeating: UInt8(ascii: "0"), count: 32 - hash.count)
        guard let path = StorePath(baseName: Path(Array(hash) + padding + Array("-\(name)".utf8))) else {
            throw NoStorePath(name: name)
        }
        self = path
    }
}

package struct NoStorePath: Error {
    package let name: String
}

extension PathInfo {
    /// Something that refers to these.
    package init(_ name: String, _ references: [String] = [], size: UInt64? = nil) throws {
        self.init(try StorePath(named: name), references: try references.map { try StorePath(named: $0) })
        narSize = size
    }
}
