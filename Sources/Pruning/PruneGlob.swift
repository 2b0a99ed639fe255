import SystemCalls

/// A pattern for what is left out of store paths, from the store's directory: `*/share/doc`.
public struct PruneGlob: Hashable, Sendable, CustomStringConvertible {
    /// A condition on one component of a path, or on several.
    enum Step: Hashable {
        /// Exactly these bytes.
        case name(Name)
        /// `*`: one component.
        case anyName
        /// `**`: any number of components.
        case anyNames
        case pattern(NamePattern)

        init(_ component: Path) {
            switch component {
            case "*": self = .anyName
            case "**": self = .anyNames
            default:
                let isPlain = !component.bytes.contains { Array("*?[\\".utf8).contains($0) }
                self = isPlain ? .name(Name(component)) : .pattern(NamePattern(component))
            }
        }
    }

    /// As the user wrote it.
    public let description: String

    /// Parses a pattern. Each component is a pattern as in fnmatch(3), in which `*` stands for any characters, leading
    /// dots included, and `**` for any number of components. Returns nil for an empty pattern, one that leads out of
    /// the store, and one with a line feed or a NUL byte.
    public init?(_ text: String) {
        let components = Path(text).components
        let isPlain = !text.utf8.contains { $0 == 0 || $0 == UInt8(ascii: "\n") } && !components.contains("..")
        guard isPlain, !components.isEmpty, !text.hasPrefix("/") else { return nil }
        description = text
    }

    /// The steps, of which no two that stand for any number of components follow each other.
    var steps: [Step] {
        Path(description).components.reduce(into: []) { steps, component in
            let step = Step(component)
            if step != .anyNames || steps.last != .anyNames { steps.append(step) }
        }
    }
}
