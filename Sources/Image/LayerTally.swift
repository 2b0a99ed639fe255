/// How many layers groups of paths come to, as paths move from one to another.
struct LayerTally {
    private struct Group {
        var paths = 0
        var tops = 0
        var bytes: UInt64 = 0
    }

    private enum Kind: Int, CaseIterable { case empty, small, large, top }

    /// Larger than anything, and small enough for a sum of a million.
    private static let largest: UInt64 = 1 << 43

    private let floor: UInt64
    /// No larger than the floor, which is all that counts: so their sums hold whatever a document claims.
    private let sizes: [UInt64]
    private let isTop: [Bool]
    private var groups: [Group] = []
    private var counts = [Int](repeating: 0, count: Kind.allCases.count)

    init(_ sizes: [UInt64], isTop: [Bool], floor: UInt64) {
        let floor = min(floor, Self.largest)
        self.floor = floor
        self.sizes = sizes.map { min($0, floor) }
        self.isTop = isTop
    }

    /// Small ones are one.
    var layers: Int { count(.top) + count(.large) + min(1, count(.small)) }

    private func count(_ kind: Kind) -> Int { counts[kind.rawValue] }

    mutating func add(_ place: Int, to group: Int) {
        while groups.count <= group {
            groups.append(Group())
            counts[Kind.empty.rawValue] += 1
        }
        let (tops, bytes) = (isTop[place] ? 1 : 0, sizes[place])
        change(group) {
            $0.paths += 1
            $0.tops += tops
            $0.bytes += bytes
        }
    }

    mutating func remove(_ place: Int, from group: Int) {
        let (tops, bytes) = (isTop[place] ? 1 : 0, sizes[place])
        change(group) {
            $0.paths -= 1
            $0.tops -= tops
            $0.bytes -= bytes
        }
    }

    private mutating func change(_ group: Int, _ how: (inout Group) -> Void) {
        counts[kind(groups[group]).rawValue] -= 1
        how(&groups[group])
        counts[kind(groups[group]).rawValue] += 1
    }

    private func kind(_ group: Group) -> Kind {
        if group.paths == 0 { return .empty }
        if group.tops > 0 { return .top }
        return group.bytes < floor ? .small : .large
    }
}
