public import SystemCalls

/// A difference between an entry of a root file system outside the store and the image that it was made from.
public struct RootfsDifference: Hashable, Sendable {
    /// The path in the root file system; absolute.
    public let path: Path
    /// The difference.
    public let problem: Problem

    /// The kinds of differences.
    public enum Problem: Hashable, Sendable {
        /// The entry is in the image only.
        case missing
        /// The entry is in the root file system only.
        case unknown
        /// The entry cannot be read.
        case unreadable(PathError)
        /// The content of a file, or the number of a device.
        case content
        /// The type of the entry.
        case type
        /// The mode.
        case mode(found: UInt32, expected: UInt32)
        /// The owner.
        case owner(found: Ownership, expected: Ownership)
        /// The target of a symlink.
        case target(found: Path, expected: Path)
        /// An extended attribute, a capability or an ACL.
        case attribute(name: Path)
    }

    /// A word for machines; it does not change.
    public var kind: String {
        switch problem {
        case .missing: "missing"
        case .unknown: "unknown"
        case .unreadable: "unreadable"
        case .content: "content"
        case .type: "type"
        case .mode: "mode"
        case .owner: "owner"
        case .target: "target"
        case .attribute: "attribute"
        }
    }

    /// A sentence with the remedy.
    public var text: String { "\(path.quoted) \(difference): \(remedy)" }

    private var difference: String {
        switch problem {
        case .missing: "is missing, and the image has it"
        case .unknown: "is not in the image"
        case .unreadable(let error): "cannot be compared with the image: \(error)"
        case .content: "has other content than in the image"
        case .type: "is of another type than in the image"
        case .mode(let found, let expected): "has mode \(octal(found)) instead of \(octal(expected)) as in the image"
        case .owner(let found, let expected):
            "belongs to \(found.user):\(found.group) instead of \(expected.user):\(expected.group) as in the image"
        case .target(let found, let expected):
            "leads to \(found.quoted) instead of \(expected.quoted) as in the image"
        case .attribute(let name): "has another extended attribute \(name.quoted) than in the image"
        }
    }

    private var remedy: String {
        if case .unreadable = problem { return "run repot as root" }
        return "start a new container from the image, or name the image that it was started from"
    }

    private func octal(_ mode: UInt32) -> String {
        let digits = String(mode, radix: 8)
        return String(repeating: "0", count: max(0, 4 - digits.count)) + digits
    }
}
