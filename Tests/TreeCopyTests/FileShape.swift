import TestSupport

/// A kind of file that some copiers get wrong, made as `file` (and more names) in a directory of its own.
struct FileShape: Sendable, CustomStringConvertible {
    enum Need: Sendable { case accessLists, userAttributes, trustedAttributes, root }

    let name: String
    let needs: Set<Need>
    let content: FileContent
    let attributes: Attributes
    let otherNames: [ByteString]

    init(
        _ name: String, _ content: FileContent, _ attributes: Attributes = Attributes(), needs: Set<Need> = [],
        otherNames: [ByteString] = []
    ) {
        self.name = name
        self.content = content
        self.attributes = attributes
        self.needs = needs
        self.otherNames = otherNames
    }

    var description: String { name }

    var isEmpty: Bool {
        if case .empty = content { true } else { false }
    }

    func build(at path: ByteString) throws {
        try TreeBuilder.build(at: path) { tree in
            try tree.file("file", content, attributes)
            for name in otherNames { try tree.hardLink(name, to: "file") }
            tree.root(Attributes(mode: 0o755, modified: Timestamp(seconds: 1)))
        }
    }

    func fits(_ system: MountedFileSystem) -> Bool {
        needs.allSatisfy { need in
            switch need {
            case .accessLists: system.supportsACLs
            case .userAttributes: system.supportsUserXattrs
            case .trustedAttributes: system.supportsTrustedXattrs
            case .root: OrdinaryUser.isRoot
            }
        }
    }
}

extension FileShape {
    private static let some = FileContent.pattern(size: 5000)

    static let all = sizes + holes + metadata

    private static let sizes: [FileShape] =
        [FileShape("empty", .empty)]
        + [1, 4095, 4096, 4097, 262_143, 262_144, 262_145, 262_146, 1 << 20, (1 << 20) + 1].map {
            FileShape("\($0) bytes", .pattern(size: $0, seed: UInt64($0)))
        }

    private static let holes = [
        FileShape("leading hole", .sparse(length: 200_000, data: [131_072..<200_000])),
        FileShape("hole in the middle", .sparse(length: 400_000, data: [0..<5000, 262_144..<400_000])),
        FileShape("trailing hole", .sparse(length: 1 << 20, data: [0..<65536])),
        FileShape("all hole", .sparse(length: 300_001, data: [])),
        FileShape("many holes", .sparse(length: 3 << 20, data: (0..<20).map { $0 << 17..<$0 << 17 + 4096 })),
        FileShape("large hole", .sparse(length: 1 << 40, data: [0..<4096, 1 << 39..<1 << 39 + 4096])),
    ]

    private static let metadata = [
        FileShape("read-only", some, Attributes(mode: 0o444)),
        FileShape("no permission", some, Attributes(mode: 0), needs: [.root]),
        FileShape("setuid", some, Attributes(mode: 0o4755)),
        FileShape("setgid, sticky", some, Attributes(mode: 0o3711)),
        FileShape("somebody else's setuid", some, Attributes(mode: 0o6755, owner: 1234, group: 99), needs: [.root]),
        FileShape(
            "attributes", some, Attributes(extended: ["user.a": [0, 255], "user.b": []]), needs: [.userAttributes]),
        FileShape(
            "attributes, read-only", .empty, Attributes(mode: 0o444, extended: ["user.a": [1]]),
            needs: [.userAttributes]),
        FileShape("trusted attribute", some, Attributes(extended: ["trusted.a": [7]]), needs: [.trustedAttributes]),
        FileShape("ACL", some, Attributes(accessList: .allowing(user: 1, .read)), needs: [.accessLists]),
        FileShape(
            "ACL, setuid", some, Attributes(mode: 0o4750, owner: 7, accessList: .allowing(user: 1, .read)),
            needs: [.accessLists, .root]),
        FileShape(
            "capability", some,
            Attributes(mode: 0o755, owner: 5, extended: [FileCapability.name: FileCapability.netBindService]),
            needs: [.root]),
        FileShape("hard links", some, Attributes(mode: 0o444), otherNames: ["second", "third"]),
        FileShape("empty hard links", .empty, otherNames: ["second"]),
        FileShape("old", some, Attributes(modified: .ancient, accessed: .ancient)),
        FileShape(
            "Nix", some, Attributes(mode: 0o444, modified: Timestamp(seconds: 1), accessed: Timestamp(seconds: 1))),
        FileShape("future", some, Attributes(modified: .future, accessed: .future)),
    ]
}
