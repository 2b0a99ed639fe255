import SystemCalls

/// An image's name as a person gives it to Docker, with its tag.
/// Source: distribution/reference, reference.go, normalize.go and regexp.go.
struct DockerName {
    let text: String

    /// What an image says of itself.
    init(_ text: String) { self.text = text }

    /// Returns nil for a name that Docker does not accept. The default tag is `latest`.
    init?(parsing text: String) {
        let parts = Array(text.utf8).split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false)
        let ends = String(decoding: parts[parts.count - 1], as: UTF8.self).split(atFirst: ":")
        guard ends.count == 1 || ImageReference.isTag(ends[1]), Self.isComponent(Array(ends[0].utf8)[...]),
            parts.dropLast().dropFirst().allSatisfy(Self.isComponent),
            parts.count == 1 || Self.isComponent(parts[0]) || Self.isHost(parts[0])
        else { return nil }
        self.text = ends.count == 2 ? text : "\(text):\(ImageReference.defaultTag)"
        if full.utf8.count - tag.utf8.count - 1 > Self.longest { return nil }
    }

    /// The maximum length of a name, with the registry and without the tag.
    private static let longest = 255

    /// Letters and digits in lower case, between which a dot, one or two underscores or any number of dashes may be.
    private static func isComponent(_ text: ArraySlice<UInt8>) -> Bool {
        let separators = text.split(whereSeparator: isLetterOrDigit).map { String(decoding: $0, as: UTF8.self) }
        guard let first = text.first, let last = text.last, isLetterOrDigit(first), isLetterOrDigit(last) else {
            return false
        }
        return separators.allSatisfy {
            [".", "_", "__"].contains($0) || $0.utf8.allSatisfy { $0 == UInt8(ascii: "-") }
        }
    }

    private static func isLetterOrDigit(_ byte: UInt8) -> Bool {
        (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte) || isDigit(byte)
    }

    private static func isDigit(_ byte: UInt8) -> Bool { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) }

    private static func isCapital(_ byte: UInt8) -> Bool { (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(byte) }

    /// Whether Docker takes the first part of a name for a registry. Source: normalize.go, splitDockerDomain.
    private static func isRegistry(_ part: some Collection<UInt8>) -> Bool {
        part.contains { $0 == UInt8(ascii: ".") || $0 == UInt8(ascii: ":") || isCapital($0) }
            || part.elementsEqual("localhost".utf8)
    }

    /// Whether the text is a host, or an IPv6 address in brackets, with or without a port of any number of digits.
    /// Source: regexp.go, domainAndPort.
    private static func isHost(_ text: ArraySlice<UInt8>) -> Bool {
        let isAddress = text.first == UInt8(ascii: "[")
        let end =
            isAddress ? text.firstIndex(of: UInt8(ascii: "]")).map { $0 + 1 } : text.firstIndex(of: UInt8(ascii: ":"))
        let (host, port) = (text[..<(end ?? text.endIndex)], text[(end ?? text.endIndex)...])
        guard port.isEmpty || port.first == UInt8(ascii: ":") && port.count > 1 && port.dropFirst().allSatisfy(isDigit)
        else { return false }
        if isAddress {
            let digits = "0123456789abcdefABCDEF:".utf8
            return end != nil && host.count > 2 && host.dropFirst().dropLast().allSatisfy(digits.contains)
        }
        return host.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false).allSatisfy { component in
            let isInner = component.allSatisfy { isLetterOrDigit($0) || isCapital($0) || $0 == UInt8(ascii: "-") }
            return isInner && ![nil, UInt8(ascii: "-")].contains(component.first) && component.last != UInt8(ascii: "-")
        }
    }

    var tag: String {
        text.utf8.split(separator: UInt8(ascii: ":")).last.map { String(decoding: $0, as: UTF8.self) } ?? ""
    }

    /// The name with its registry, which is Docker's own by default.
    var full: String {
        let parts = text.split(atFirst: "/")
        guard parts.count == 2 else { return "docker.io/library/\(text)" }
        return Self.isRegistry(parts[0].utf8) ? text : "docker.io/\(text)"
    }
}
