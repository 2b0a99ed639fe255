package import JSON
import SystemCalls

/// The platform that an image runs on. Source: OCI image specification, image-index.md, 'platform'.
public struct Platform: Hashable, Sendable, CustomStringConvertible {
    /// The operating system: `linux`.
    public var os: String
    /// The architecture by its name in Go, such as `amd64`.
    public var architecture: String
    /// The variant of the architecture, such as `v7` of `arm`; nil if it is not stated.
    public var variant: String?

    /// Creates a platform.
    public init(os: String, architecture: String, variant: String? = nil) {
        self.os = os
        self.architecture = architecture
        self.variant = variant
    }

    /// The platform that a user names as ARCHITECTURE or ARCHITECTURE/VARIANT. Returns nil if Go does not compile for
    /// the architecture on Linux, or if the variant is not a word.
    public init?(argument text: String) {
        let parts = text.split(atFirst: "/")
        guard Architecture.known.contains(parts[0]) else { return nil }
        self.init(os: "linux", architecture: parts[0], variant: parts.count == 2 ? parts[1] : nil)
        let isWord = variant.map { !$0.isEmpty && $0.utf8.allSatisfy(Self.isPartOfWord) } ?? true
        if !isWord { return nil }
        if variant != nil { variant = normalVariant }
    }

    private static func isPartOfWord(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "."): true
        default: false
        }
    }

    /// The operating system and the architecture, with the variant if there is one: `linux/arm/v7`.
    public var description: String { "\(os)/\(name)" }

    /// The architecture, with the variant if there is one: `arm/v7`.
    public var name: String { variant.map { "\(architecture)/\($0)" } ?? architecture }
}

// MARK: - Documents

extension Platform {
    /// Reads the members of an index entry or of a configuration; nil if the architecture is missing.
    package init?(_ json: JSONValue) {
        guard let architecture = json["architecture"]?.string else { return nil }
        let variant = json["variant"]?.string
        self.init(
            os: json["os"]?.string ?? "linux", architecture: architecture, variant: variant == "" ? nil : variant)
    }

    package var json: JSONValue {
        let members: [(String, JSONValue)] = [("architecture", .string(architecture)), ("os", .string(os))]
        return .object(members + (variant.map { [("variant", .string($0))] } ?? []))
    }
}

// MARK: - Choice

extension Platform {
    /// The variants that a choice without a variant accepts, the best first. An image that states no variant has the
    /// first one. Sources: containerd, platforms/database.go; containers/image, internal/pkg/platform.
    private static let variants = ["amd64": ["v1"], "arm64": ["v8"], "arm": ["v7", "v6", "v5"]]

    /// The variant, or the one that an image without a variant has. `7` is the same as `v7`.
    private var normalVariant: String {
        guard let variant else { return Self.variants[architecture]?[0] ?? "" }
        return variant.utf8.first.map { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) } ?? false
            ? "v\(variant)" : variant
    }

    /// Returns the rank of an image for the other platform if an image for this one is requested. 0 is the best rank.
    /// Returns nil if the image is not suitable.
    package func rank(of other: Platform) -> Int? {
        guard os == other.os, architecture == other.architecture else { return nil }
        let accepted = variant == nil ? Self.variants[architecture] ?? [""] : [normalVariant]
        return accepted.firstIndex(of: other.normalVariant)
    }
}
