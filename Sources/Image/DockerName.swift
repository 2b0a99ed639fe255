/// An image's name as a person gives it to Docker, with its tag.
/// Source: distribution/reference, reference.go and normalize.go.
struct DockerName {
    let text: String

    /// What an image says of itself.
    init(_ text: String) { self.text = text }

    /// nil for what Docker would not take; a tag that is not given is `latest`.
    init?(parsing text: String) {
        let parts = text.split(separator: "/", omittingEmptySubsequences: false)
        guard let last = parts.last else { return nil }
        let ends = last.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
        guard Self.isComponent(ends[0]), ends.count == 1 || ImageReference.isTag(String(ends[1])) else { return nil }
        for (number, part) in parts.dropLast().enumerated() {
            guard Self.isComponent(part) || number == 0 && Self.isHost(part) else { return nil }
        }
        self.text = ends.count == 2 ? text : "\(text):\(ImageReference.defaultTag)"
        if full.utf8.count - tag.utf8.count - 1 > Self.longest { return nil }
    }

    /// Without the tag, with the registry.
    private static let longest = 255

    /// Letters and digits in lower case, between which a dot, one or two underscores or any number of dashes may be.
    private static func isComponent(_ text: Substring) -> Bool {
        let separators = text.utf8.split(whereSeparator: isLetterOrDigit).map { String(decoding: $0, as: UTF8.self) }
        guard let first = text.utf8.first, let last = text.utf8.last, isLetterOrDigit(first), isLetterOrDigit(last)
        else {
            return false
        }
        return separators.allSatisfy { [".", "_", "__"].contains($0) || $0.allSatisfy { $0 == "-" } }
    }

    private static func isLetterOrDigit(_ byte: UInt8) -> Bool {
        (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte) || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
    }

    /// A registry's, with its port.
    private static func isHost(_ text: Substring) -> Bool {
        let parts = text.split(separator: ":", omittingEmptySubsequences: false)
        guard parts.count <= 2, parts.count == 1 || UInt16(parts[1]) != nil else { return false }
        return parts[0].lowercased().split(separator: ".", omittingEmptySubsequences: false)
            .allSatisfy { isComponent($0[...]) && !$0.contains("_") }
    }

    var tag: String { String(text[text.index(after: text.lastIndex(of: ":") ?? text.startIndex)...]) }

    /// With the registry that it stands for. A first part is a registry's when it looks like a host.
    var full: String {
        guard let slash = text.firstIndex(of: "/") else { return "docker.io/library/\(text)" }
        let first = text[..<slash]
        return first.contains(".") || first.contains(":") || first == "localhost" ? text : "docker.io/\(text)"
    }
}
