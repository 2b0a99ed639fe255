import SystemCalls

/// The kinds of entries that have shown that mode and owner take effect on their file system. One stat for each kind,
/// mode and owner replaces one for each entry.
final class MetadataTrust {
    /// The type of an entry, and the file system that holds it.
    struct Target: Hashable {
        let kind: FileKind
        let volume: Volume
    }

    private struct Case: Hashable {
        let target: Target
        let mode: FileMode?
        let owner: Ownership?
    }

    private var trusted: Set<Case> = []
    private var last: Case?

    /// Calls `verify` unless such an entry is trusted, and trusts the next one if it returns true.
    func check(_ target: Target, _ mode: FileMode?, _ owner: Ownership?, _ verify: () -> Bool) {
        if mode == nil, owner == nil { return }
        let this = Case(target: target, mode: mode, owner: owner)
        if this == last { return }
        guard trusted.contains(this) || verify() else { return }
        trusted.insert(this)
        last = this
    }
}
