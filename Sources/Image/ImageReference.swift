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
        let parts = text.split(atFirst: ":")
        guard parts.count == 2, !parts[1].isEmpty else { return nil }
        switch parts[0] {
        case "oci", "oci-archive":
            guard let (path, tag) = Self.place(parts[1]) else { return nil }
            self =
                parts[0] == "oci"
                ? .layout(path, tag: tag ?? Self.defaultTag) : .layoutArchive(path, tag: tag ?? Self.defaultTag)
        case "docker-archive":
            let rest = parts[1].split(atFirst: ":")
            let name = rest.count == 2 ? Self.name(rest[1]) : nil
            if rest[0].isEmpty || (rest.count == 2 && name == nil) { return nil }
            self = .dockerArchive(Path(rest[0]), name: name)
        case "docker-daemon":
            guard let name = Self.name(parts[1]) else { return nil }
            self = .dockerDaemon(name: name)
        default: return nil
        }
    }

    /// A path, and what follows the first colon, as skopeo reads it.
    private static func place(_ text: String) -> (Path, String?)? {
        let parts = text.split(atFirst: ":")
        guard !parts[0].isEmpty else { return nil }
        guard parts.count == 2 else { return (Path(text), nil) }
        return isName(parts[1]) ? (Path(parts[0]), parts[1]) : nil
    }

    /// Source: OCI image specification, annotations.md, 'org.opencontainers.image.ref.name'.
    private static func isName(_ text: String) -> Bool {
        text.utf8.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false).allSatisfy { component in
            guard let first = component.first, let last = component.last else { return false }
            let separators = component.split(whereSeparator: isLetterOrDigit).map {
                String(decoding: $0, as: UTF8.self)
            }
            return isLetterOrDigit(first) && isLetterOrDigit(last)
                && separators.allSatisfy { ["-", ".", "_", ":", "@", "+", "--"].contains($0) }
        }
    }

    private static func isLetterOrDigit(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"):
            true
        default: false
        }
    }

    /// With a tag, whether it was given or not.
    private static func name(_ text: String) -> String? { DockerName(parsing: text)?.text }

    /// Source: OCI distribution specification, 'Pulling manifests'.
    package static func isTag(_ text: String) -> Bool {
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
