import SystemCalls

/// A pattern for what is left out of store paths, from the store's directory: `*/share/doc`.
public struct PruneGlob: Hashable, Sendable, CustomStringConvertible {
    /// What one component of a path has to be.
    enum Step: Hashable {
        case name(NamePattern)
        /// `**`: any number of components.
        case any
    }

    /// As the user wrote it.
    public let description: String
    let steps: [Step]

    /// Parses a pattern. Each component is a pattern as in fnmatch(3), in which `*` stands for any characters, leading
    /// dots included, and `**` for any number of components. Returns nil for an empty pattern, one that leads out of
    /// the store, and one with a line feed or a NUL byte.
    public init?(_ text: String) {
        let components = Path(text).components
        let isPlain = !text.utf8.contains { $0 == 0 || $0 == UInt8(ascii: "\n") } && !components.contains("..")
        guard isPlain, !components.isEmpty, !text.hasPrefix("/") else { return nil }
        description = text
        steps = components.map { $0 == "**" ? .any : .name(NamePattern($0)) }
    }
}

/// How far each of several patterns has come on the way to a path.
struct GlobProgress {
    private struct Position: Hashable {
        let glob: Int
        let step: Int
    }

    private let globs: [PruneGlob]
    private var positions: Set<Position> = []
    /// Those that the path matches, by their numbers.
    private(set) var matched: Set<Int> = []

    /// At the store's directory.
    init(_ globs: [PruneGlob]) {
        self.globs = globs
        for glob in globs.indices { reach(Position(glob: glob, step: 0)) }
        matched = []
    }

    /// Nothing further down can match.
    var isOver: Bool { positions.isEmpty }

    func advanced(by name: Name) -> GlobProgress {
        var next = self
        next.positions = []
        next.matched = []
        for position in positions {
            switch globs[position.glob].steps[position.step] {
            case .any: next.reach(position)
            case .name(let pattern):
                if pattern.matches(name) { next.reach(Position(glob: position.glob, step: position.step + 1)) }
            }
        }
        return next
    }

    /// `**` may stand for nothing.
    private mutating func reach(_ position: Position) {
        let steps = globs[position.glob].steps
        if position.step == steps.count {
            matched.insert(position.glob)
            return
        }
        guard positions.insert(position).inserted, steps[position.step] == .any else { return }
        reach(Position(glob: position.glob, step: position.step + 1))
    }
}
