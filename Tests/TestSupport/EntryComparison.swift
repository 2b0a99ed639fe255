/// Compares two entries, aspect by aspect.
struct EntryComparison {
    let first: Entry
    let second: Entry
    let isRoot: Bool
    let ignored: Set<Aspect>
    private(set) var findings: [String] = []

    init(first: Entry, second: Entry, isRoot: Bool, ignored: Set<Aspect>) {
        self.first = first
        self.second = second
        self.isRoot = isRoot
        self.ignored = ignored
    }

    /// Two entries of different types have nothing further to compare.
    mutating func run() {
        guard first.kind == second.kind else {
            findings.append("\(first.kind.rawValue) != \(second.kind.rawValue)")
            return
        }
        compareContent()
        if isRoot && ignored.contains(.root) { return }
        comparePermissions()
        compareTimes()
        compareAttributes()
    }

    private mutating func compareContent() {
        note("device", first.device, second.device)
        note("target", first.target, second.target)
        guard first.kind == .regular else { return }
        note("size", first.size, second.size)
        note("content", first.digest, second.digest)
        if !ignored.contains(.holes) { note("data", list(first.extents), list(second.extents)) }
        if !ignored.contains(.allocation) { note("allocated", first.allocated, second.allocated) }
    }

    private mutating func comparePermissions() {
        if !ignored.contains(.owner) { note("owner", first.owner, second.owner) }
        if !ignored.contains(.group) { note("group", first.group, second.group) }
        if !ignored.contains(.mode) { note("mode", octal(first.mode), octal(second.mode)) }
    }

    private mutating func compareTimes() {
        if !ignored.contains(.accessTimes) { note("accessed", first.accessed, second.accessed) }
        if ignored.contains(.times) || isRoot && ignored.contains(.rootTimes) { return }
        if first.kind == .symbolicLink && ignored.contains(.symlinkTimes) { return }
        if first.kind == .directory && ignored.contains(.directoryTimes) { return }
        note("modified", first.modified, second.modified)
    }

    private mutating func compareAttributes() {
        for name in Set(first.attributes.keys).union(second.attributes.keys).sorted() {
            let isList = name.bytes.starts(with: ByteString("system.posix_acl_").bytes)
            if ignored.contains(isList ? .acls : .xattrs) { continue }
            note("\(name)", first.attributes[name].map(hex), second.attributes[name].map(hex))
        }
    }

    private mutating func note<Value: Equatable>(_ what: String, _ one: Value?, _ other: Value?) {
        if one == other { return }
        let texts = [one, other].map { value in value.map { "\($0)" } ?? "none" }
        findings.append("\(what) \(texts[0]) != \(texts[1])")
    }

    private func list(_ extents: [Range<Int>]) -> String {
        let texts = extents.map { "\($0.lowerBound)..<\($0.upperBound)" }
        return texts.isEmpty ? "none" : texts.joined(separator: ", ")
    }

    private func octal(_ mode: UInt16) -> String {
        let digits = String(mode, radix: 8)
        return String(repeating: "0", count: max(0, 4 - digits.count)) + digits
    }

    private func hex(_ bytes: [UInt8]) -> String {
        "0x" + bytes.map { String($0 >> 4, radix: 16) + String($0 & 15, radix: 16) }.joined()
    }
}
