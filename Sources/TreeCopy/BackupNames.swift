package import SystemCalls

extension Backup {
    /// The name under which a file of that name is kept, with what is in the directory now.
    package func name(for name: Name, in directory: Directory) throws(Errno) -> Name {
        let simple = Name(name.bytes + suffix.bytes)
        if control == .simple { return simple }
        let highest = try Self.highestNumber(of: name, in: directory)
        if control == .existing, highest == 0 { return simple }
        return Name(name.bytes + Array(".~\(highest + 1)~".utf8))
    }

    /// 0 where there is none. Leading zeros make another name.
    private static func highestNumber(of name: Name, in directory: Directory) throws(Errno) -> Int {
        let start = name.bytes + Array(".~".utf8)
        var highest = 0
        let listed = try directory.openDirectory(Name("."), [])
        var entries = DirectoryEntries(capacity: 32768)
        while try entries.read(from: listed) {
            entries.forEach { entry in
                let bytes = entry.name.bytes
                guard bytes.starts(with: start), bytes.last == UInt8(ascii: "~"), bytes.count > start.count + 1 else {
                    return
                }
                let digits = bytes[start.count..<(bytes.count - 1)]
                let isNumber = digits.first != UInt8(ascii: "0") && digits.allSatisfy { (48...57).contains($0) }
                guard isNumber, let number = Int(String(decoding: digits, as: UTF8.self)) else { return }
                highest = max(highest, number)
            }
        }
        return highest
    }

    /// Whether a simple backup of `name` would take the place of the file that is about to be copied.
    func mayDestroy(_ source: FileIdentity, named sourceName: Name, beside name: Name, in directory: Directory) -> Bool
    {
        guard control != .numbered, sourceName.bytes == name.bytes + suffix.bytes else { return false }
        let backup = try? directory.metadata(of: sourceName, following: true)
        return backup?.identity == source
    }
}
