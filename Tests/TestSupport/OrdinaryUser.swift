import Glibc

/// Someone without privileges, to run programs as.
public struct OrdinaryUser: Hashable, Sendable {
    /// The user id.
    public let id: UInt32
    /// The only group.
    public let group: UInt32

    /// Need not be known to /etc/passwd.
    public init(id: UInt32, group: UInt32) {
        self.id = id
        self.group = group
    }

    /// Owns nothing on a sound system.
    public static let nobody = OrdinaryUser(id: 65534, group: 65534)

    /// Whether this process may become anyone else, and is not an ordinary user itself.
    public static var isRoot: Bool { geteuid() == 0 }

    /// The command that runs `arguments` as this user, with no supplementary groups and no capabilities.
    public func command(_ arguments: [ByteString]) -> [ByteString] {
        let options: [ByteString] = [
            "--reuid=\(id)", "--regid=\(group)", "--clear-groups", "--inh-caps=-all",
        ]
        return ["setpriv"] + options + ["--"] + arguments
    }
}
