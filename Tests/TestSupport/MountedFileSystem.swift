import Glibc

/// The file systems tests run on.
public enum FileSystemKind: String, CaseIterable, Sendable {
    case ext4, xfs, btrfs, tmpfs, overlay
}

/// A file system mounted for this process, and what it was found to be capable of.
public struct MountedFileSystem: Sendable {
    /// Which one it is.
    public let kind: FileSystemKind
    /// Where it is mounted.
    public let path: ByteString
    /// The directory below an overlay whose entries show through; not to be changed while mounted.
    public let lower: ByteString?
    /// Whether FICLONE works.
    public let supportsReflink: Bool
    /// Whether `user.*` attributes can be set on files.
    public let supportsUserXattrs: Bool
    /// Whether `trusted.*` attributes can be set; only root may.
    public let supportsTrustedXattrs: Bool
    /// Whether POSIX ACLs can be set.
    public let supportsACLs: Bool

    init(_ kind: FileSystemKind, at path: ByteString, lower: ByteString? = nil) throws {
        self.kind = kind
        self.path = path
        self.lower = lower
        let probe = try FileSystemProbe(at: path)
        supportsReflink = probe.canClone()
        supportsUserXattrs = probe.canSet("user.probe", [1])
        supportsTrustedXattrs = probe.canSet("trusted.probe", [1])
        let list = AccessList.allowing(user: 1, .read)
        supportsACLs = probe.canSet(AccessList.accessName, list.encoded)
    }

    /// A directory of its own for one test.
    public func scratch() throws -> Scratch {
        try Scratch(in: path)
    }
}

/// Finds out by trying; kernels and mount options differ more than documents tell.
private struct FileSystemProbe {
    private let scratch: Scratch
    private let directory: Descriptor
    private let file: Descriptor

    init(at path: ByteString) throws {
        scratch = try Scratch(in: path)
        directory = try Descriptor.directory(at: scratch.path)
        file = try Descriptor.open("probe", in: directory.number, O_RDWR | O_CREAT | O_EXCL, mode: 0o600)
        try FileContent.pattern(size: 65536).write(to: file)
    }

    func canSet(_ attribute: ByteString, _ value: [UInt8]) -> Bool {
        (try? AttributeStore(of: "probe", in: directory).set(attribute, to: value)) != nil
    }

    func canClone() -> Bool {
        let flags = O_WRONLY | O_CREAT | O_EXCL
        guard let copy = try? Descriptor.open("clone", in: directory.number, flags, mode: 0o600) else {
            return false
        }
        return ioctl(copy.number, Linux.cloneFile, file.number) == 0
    }
}
