import TestSupport

/// One entry of a small tree, which can be built here and by a shell script.
struct MatrixItem: Sendable {
    let path: String
    let kind: Kind
    var mode: UInt16?
    var owner = Owner.caller
    /// Seconds after what most entries have.
    var age = 0
    var isTagged = false

    enum Kind: Sendable {
        case file(String)
        /// A hole between two pieces of data.
        case sparse
        case directory
        case symlink(to: String)
        case hardLink(to: String)
        case fifo
    }

    /// Whom an entry belongs to.
    enum Owner: Sendable {
        /// Who runs cp.
        case caller
        /// Neither root nor the ordinary user.
        case stranger
    }

    static let epoch = Timestamp(seconds: 1_000_000_000, nanoseconds: 123_456_789)

    static func file(_ path: String, _ text: String? = nil, mode: UInt16 = 0o644) -> MatrixItem {
        MatrixItem(path: path, kind: .file(text ?? path + "\n"), mode: mode)
    }
    static func directory(_ path: String, mode: UInt16 = 0o755) -> MatrixItem {
        MatrixItem(path: path, kind: .directory, mode: mode)
    }
    static func symlink(_ path: String, to target: String) -> MatrixItem {
        MatrixItem(path: path, kind: .symlink(to: target))
    }
    static func hardLink(_ path: String, to existing: String) -> MatrixItem {
        MatrixItem(path: path, kind: .hardLink(to: existing))
    }
    static func fifo(_ path: String) -> MatrixItem { MatrixItem(path: path, kind: .fifo, mode: 0o640) }

    func aged(_ seconds: Int) -> MatrixItem { changed { $0.age = seconds } }
    func strange() -> MatrixItem { changed { $0.owner = .stranger } }
    func tagged() -> MatrixItem { changed { $0.isTagged = true } }

    private func changed(_ change: (inout MatrixItem) -> Void) -> MatrixItem {
        var copy = self
        change(&copy)
        return copy
    }
}

extension MatrixItem {
    func build(in tree: TreeBuilder, for user: MatrixUser) throws {
        let attributes = attributes(for: user)
        let path = ByteString(path)
        switch kind {
        case .file(let text): try tree.file(path, .text(text), attributes)
        case .sparse: try tree.file(path, .sparse(length: 1 << 18, data: [0..<4096, 131_072..<140_000]), attributes)
        case .directory: try tree.directory(path, attributes)
        case .symlink(let target): try tree.symbolicLink(path, to: ByteString(target), attributes)
        case .hardLink(let existing): try tree.hardLink(path, to: ByteString(existing))
        case .fifo: try tree.fifo(path, attributes)
        }
    }

    private func attributes(for user: MatrixUser) -> Attributes {
        let owner = owner(for: user)
        let time = Timestamp(seconds: Self.epoch.seconds + age, nanoseconds: Self.epoch.nanoseconds)
        return Attributes(
            mode: mode, owner: owner.id, group: owner.group, modified: time,
            extended: isTagged ? ["user.tag": [0x74]] : [:])
    }

    private func owner(for user: MatrixUser) -> OrdinaryUser {
        owner == .stranger ? OrdinaryUser(id: 42, group: 43) : user.account
    }
}

extension MatrixItem {
    /// The command that makes it.
    var making: String {
        let name = ShellText.quoted(path)
        switch kind {
        case .file(let text): return "printf %s \(ShellText.quoted(text)) >\(name)"
        case .sparse:
            return "head -c 4096 /dev/urandom >\(name); "
                + "head -c 8928 /dev/urandom | dd of=\(name) bs=131072 seek=1 status=none; truncate -s 262144 \(name)"
        case .directory: return "mkdir -p \(name)"
        case .symlink(let target): return "ln -s \(ShellText.quoted(target)) \(name)"
        case .hardLink(let existing): return "ln \(ShellText.quoted(existing)) \(name)"
        case .fifo: return "mkfifo \(name)"
        }
    }

    /// The commands that give it what it is to have; directories come last, the deepest first.
    func dressing(for user: MatrixUser) -> String? {
        if case .hardLink = kind { return nil }
        let name = ShellText.quoted(path)
        let owner = owner(for: user)
        var steps = ["chown -h \(owner.id):\(owner.group) \(name)"]
        if isTagged { steps.append("setfattr -n user.tag -v t \(name)") }
        if let mode { steps.append("chmod \(String(mode, radix: 8)) \(name)") }
        steps.append("touch -hd @\(Self.epoch.seconds + age).\(Self.epoch.nanoseconds) \(name)")
        return steps.joined(separator: "; ")
    }
}

/// Who runs cp in a case.
enum MatrixUser: String, Sendable, CaseIterable {
    case root
    case user

    var account: OrdinaryUser { self == .root ? OrdinaryUser(id: 0, group: 0) : .nobody }
    /// Whom to become; root stays what it is.
    var identity: OrdinaryUser? { self == .root ? nil : .nobody }
}

/// Words for a shell.
enum ShellText {
    static func quoted(_ text: String) -> String {
        let isPlain = !text.isEmpty && text.utf8.allSatisfy { $0 < 0x80 && Self.plain.contains($0) }
        return isPlain
            ? text
            : "'"
                + text.split(separator: "'", omittingEmptySubsequences: false)
                .joined(separator: "'\\''") + "'"
    }

    private static let plain = Set("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789./-_=,+:@%".utf8)
}
