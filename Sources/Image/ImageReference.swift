public import SystemCalls

/// Where an image is, in skopeo's words. Source: containers-transports(5).
public enum ImageReference: Hashable, Sendable, CustomStringConvertible {
    /// A folder with an image layout.
    case layout(Path, tag: String)
    /// An archive of one.
    case layoutArchive(Path, tag: String)
    /// An archive for `docker load`, which is an image layout as well.
    case dockerArchive(Path, name: String?)
    /// The images of a Docker daemon.
    case dockerDaemon(name: String)

    static let defaultTag = "latest"

    /// nil for anything else, and for names and tags that are none.
    public init?(_ text: String) {
        let parts = text.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
        guard parts.count == 2, !parts[1].isEmpty else { return nil }
        switch parts[0] {
        case "oci", "oci-archive":
            guard let (path, tag) = Self.place(parts[1]) else { return nil }
            self =
                parts[0] == "oci"
                ? .layout(path, tag: tag ?? Self.defaultTag) : .layoutArchive(path, tag: tag ?? Self.defaultTag)
        case "docker-archive":
            let rest = parts[1].split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
            let name = rest.count == 2 ? Self.name(rest[1]) : nil
            if rest[0].isEmpty || (rest.count == 2 && name == nil) { return nil }
            self = .dockerArchive(Path(rest[0]), name: name)
        case "docker-daemon":
            guard let name = Self.name(parts[1]) else { return nil }
            self = .dockerDaemon(name: name)
        default: return nil
        }
    }

    /// A path, and what follows its last colon unless that holds a slash.
    private static func place(_ text: String) -> (Path, String?)? {
        guard let colon = text.lastIndex(of: ":"), !text[colon...].contains("/") else { return (Path(text), nil) }
        let tag = String(text[text.index(after: colon)...])
        guard colon > text.startIndex, isTag(tag) else { return nil }
        return (Path(String(text[..<colon])), tag)
    }

    /// With a tag, whether it was given or not.
    private static func name(_ text: String) -> String? { DockerName(parsing: text)?.text }

    /// Source: OCI distribution specification, 'Pulling manifests'.
    static func isTag(_ text: String) -> Bool {
        let first = Set("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_".utf8)
        guard let start = text.utf8.first, first.contains(start), text.utf8.count <= 128 else { return false }
        return text.utf8.allSatisfy { first.contains($0) || $0 == UInt8(ascii: ".") || $0 == UInt8(ascii: "-") }
    }

    /// As the user wrote it, with its tag.
    public var description: String {
        switch self {
        case .layout(let path, let tag): "oci:\(path):\(tag)"
        case .layoutArchive(let path, let tag): "oci-archive:\(path):\(tag)"
        case .dockerArchive(let path, let name): "docker-archive:\(path)" + (name.map { ":\($0)" } ?? "")
        case .dockerDaemon(let name): "docker-daemon:\(name)"
        }
    }
}
