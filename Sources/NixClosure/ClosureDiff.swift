import SystemCalls

/// How one closure differs from another, by the names and versions of its packages.
public struct ClosureDiff: Sendable {
    /// What became of a name.
    public enum Change: String, Sendable {
        /// No path had it before.
        case added
        /// No path has it now.
        case removed
        /// The versions are others.
        case changed
        /// The same versions, in other store paths.
        case rebuilt
    }

    /// What differs under one name.
    public struct Row: Sendable {
        /// The name without a version.
        public let name: String
        /// What became of it.
        public let change: Change
        /// The versions before and now, sorted, as often as there are paths; empty texts for paths without a version.
        public let before: [String]
        /// The versions now.
        public let now: [String]
        /// How many bytes more, or less, as Nix archives.
        public let bytes: Int64
    }

    /// What differs, by name.
    public let rows: [Row]
    /// How many bytes more, or less, in all.
    public let bytes: Int64
    /// How many paths both have.
    public let common: Int

    /// Compares what was with what is.
    public init(from old: some Collection<PathInfo>, to new: some Collection<PathInfo>) {
        let before = Dictionary(grouping: old) { PackageName($0.path).name }
        let now = Dictionary(grouping: new) { PackageName($0.path).name }
        rows = Set(before.keys).union(now.keys).sorted().compactMap {
            Row($0, before: before[$0] ?? [], now: now[$0] ?? [])
        }
        bytes = Self.sum(new) - Self.sum(old)
        common = Set(old.map(\.path)).intersection(new.map(\.path)).count
    }

    fileprivate static func sum(_ infos: some Sequence<PathInfo>) -> Int64 {
        Int64(clamping: infos.lazy.map { $0.narSize ?? 0 }.saturatedSum)
    }
}

extension ClosureDiff.Row {
    /// nil where nothing differs.
    fileprivate init?(_ name: String, before old: [PathInfo], now new: [PathInfo]) {
        guard Set(old.map(\.path)) != Set(new.map(\.path)) else { return nil }
        self.name = name
        before = old.map { PackageName($0.path).version }.sorted()
        now = new.map { PackageName($0.path).version }.sorted()
        bytes = ClosureDiff.sum(new) - ClosureDiff.sum(old)
        change = old.isEmpty ? .added : new.isEmpty ? .removed : before == now ? .rebuilt : .changed
    }
}
