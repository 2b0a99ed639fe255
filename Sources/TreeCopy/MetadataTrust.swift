import SystemCalls

/// The kinds of entries that have shown that mode and owner take effect on their file system. One stat for each kind,
/// mode and owner replaces one for each entry.
final class MetadataTrust {
    /// The type of an entry, and the file system that holds it.
    struct Target: Equatable {
        let kind: FileKind
        let volume: Volume
    }

    /// A trusted combination. It is a class, since the first array of a struct type costs 15 µs at run time.
    private final class Case {
        let target: Target
        let mode: FileMode?
        let owner: Ownership?

        init(_ target: Target, _ mode: FileMode?, _ owner: Ownership?) {
            self.target = target
            self.mode = mode
            self.owner = owner
        }

        func isEqual(_ target: Target, _ mode: FileMode?, _ owner: Ownership?) -> Bool {
            self.target == target && self.mode == mode && self.owner == owner
        }
    }

    /// The maximum number of trusted cases, which few trees exceed. Beyond it, an old one is verified again.
    private static let maxCases = 64
    /// The trusted cases, the most recent one last.
    private var trusted: [Case] = []

    /// Calls `verify` unless such an entry is trusted, and trusts the next one if it returns true.
    func check(_ target: Target, _ mode: FileMode?, _ owner: Ownership?, _ verify: () -> Bool) {
        if mode == nil, owner == nil { return }
        if trusted.last(where: { $0.isEqual(target, mode, owner) }) != nil { return }
        guard verify() else { return }
        if trusted.count == Self.maxCases { trusted.removeFirst() }
        trusted.append(Case(target, mode, owner))
    }
}
