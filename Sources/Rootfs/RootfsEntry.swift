public import SystemCalls

/// One thing that repot adds to a root file system.
public struct RootfsEntry: Hashable, Sendable {
    /// What it is.
    public enum Content: Hashable, Sendable {
        /// A directory with these permission bits, 0755 unless somebody wants others.
        case directory(mode: UInt32)
        /// A symlink, as the container sees it.
        case symlink(target: Path)
        /// A regular file with these bytes and permission bits.
        case file([UInt8], mode: UInt32)
    }

    /// Where it is, from the root of the file system; without a leading slash.
    public let path: Path
    /// What it is.
    public let content: Content

    var target: Path? { if case .symlink(let target) = content { target } else { nil } }
    /// The permission bits of a file.
    var mode: FileMode? { if case .file(_, let mode) = content { FileMode(rawValue: mode) } else { nil } }
    var isDirectory: Bool { if case .directory = content { true } else { false } }
}

/// Who wants an entry.
enum RootfsOrigin: Hashable, Sendable, CustomStringConvertible {
    case store
    case symlink(Path)
    case profile(Path)
    case skeleton
    case registration
    case prune
    case destination

    var description: String {
        switch self {
        case .store: "the store"
        case .symlink(let path): "--symlink \(path.inRoot.quotedWhereNeeded)"
        case .profile(let root): "--profile \(root.quotedWhereNeeded)"
        case .skeleton: "--skeleton"
        case .registration: "--registration"
        case .prune: "--prune"
        case .destination: "the destination"
        }
    }
}

/// A symlink that the root file system is to have.
public struct RootfsSymlink: Hashable, Sendable {
    /// Where it is, from the root of the file system; without a leading slash.
    public let path: Path
    /// What it points at, as the container sees it.
    public let target: Path

    /// nil unless the path names something below the root: `..` leads out of it, and `/` is it.
    public init?(path: Path, target: Path) {
        let components = path.components
        guard !components.isEmpty, !components.contains(".."), !target.bytes.isEmpty else { return nil }
        self.path = RootfsContents.relative(path)
        self.target = target
    }
}
