package import SystemCalls

extension Backup {
    /// The name under which a file of that name is kept, with what is in the directory now.
    package func name(for name: Name, in directory: Directory) throws(Errno) -> Name {
        let simple = Name(name.bytes + suffix.bytes)
        if control == .simple { return simple }
        let highest = try Self.highestNumber(of: name, in: directory)
        if control == .existing, highest.isEmpty { return simple }
        return Name(name.bytes + Array(".~".utf8) + Self.increment(highest) + Array("~".utf8))
    }

    /// In digits, which may be more than any number has; none where there is none. Leading zeros make another name.
    private static func highestNumber(of name: Name, in directory: Directory) throws(Errno) -> [UInt8] {
        let start = name.bytes + Array(".~".utf8)
        var highest: [UInt8] = []
        let listed = try directory.openDirectory(Name("."))
        var entries = DirectoryEntries(capacity: 32768)
        while try entries.read(from: listed) {
            entries.forEach { entry in
                let bytes = entry.name.bytes
                guard bytes.starts(with: start), bytes.last == UInt8(ascii: "~"), bytes.count > start.count + 1 else {
                    return
                }
                let digits = Array(bytes[start.count..<(bytes.count - 1)])
                guard digits.first != zero, digits.allSatisfy({ (zero...nine).contains($0) }) else { return }
                if isLess(highest, digits) { highest = digits }
            }
        }
        return highest
    }

    private static let zero = UInt8(ascii: "0")
    private static let nine = UInt8(ascii: "9")

    private static func isLess(_ a: [UInt8], _ b: [UInt8]) -> Bool {
        a.count == b.count ? a.lexicographicallyPrecedes(b) : a.count < b.count
    }

    private static func increment(_ digits: [UInt8]) -> [UInt8] {
        var result = digits
        for place in result.indices.reversed() {
            if result[place] != nine {
                result[place] += 1
                return result
            }
            result[place] = zero
        }
        return [zero + 1] + result
    }

    /// Whether a simple backup of `name` would take the place of the file that is about to be copied.
    func mayDestroy(_ source: FileIdentity, named sourceName: Name, beside name: Name, in directory: Directory) -> Bool
    {
        guard control != .numbered, sourceName.bytes == name.bytes + suffix.bytes else { return false }
        let backup = try? directory.metadata(of: sourceName, following: true)
        return backup?.identity == source
    }
}
