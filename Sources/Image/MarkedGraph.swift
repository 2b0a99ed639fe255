import NixClosure

/// Which marked paths stand next above each path of a closure. A new mark changes what is below it and nothing else.
struct MarkedGraph {
    /// A path that had other marks before.
    struct Change {
        fileprivate let place: Int
        fileprivate let before: Int
    }

    private let graph: ClosureGraph
    /// The places, each before those of what it refers to, as far as there are no cycles.
    private let order: [Int]
    private let ranks: [Int]
    /// What refers to each place and has its marks before it.
    private let above: [[Int]]
    private let isCounted: [Bool]
    private var isMarked: [Bool]
    private var isPending: [Bool]
    private var sets = MarkSets()
    /// The number of its set of marks, by place.
    private var own: [Int]
    private var tally: LayerTally

    /// Marks the roots.
    init(_ graph: ClosureGraph, counting infos: [PathInfo], floor: UInt64) {
        let count = graph.infos.count
        self.graph = graph
        order = graph.placesDependenciesFirst.reversed()
        ranks = Self.ranks(order)
        above = Self.above(graph.references, order, ranks)
        isCounted = Self.flags(infos.compactMap { graph.places[$0.path] }, count)
        isMarked = Self.flags(graph.roots.compactMap { graph.places[$0] }, count)
        isPending = [Bool](repeating: true, count: count)
        own = [Int](repeating: MarkSets.none, count: count)
        tally = LayerTally(graph.infos.map { $0.narSize ?? 0 }, isTop: isMarked, floor: floor)
        for place in graph.infos.indices where isCounted[place] { tally.add(place, to: MarkSets.none) }
        _ = settle(from: 0, to: count - 1)
    }

    private static func ranks(_ order: [Int]) -> [Int] {
        var ranks = [Int](repeating: 0, count: order.count)
        for (rank, place) in order.enumerated() { ranks[place] = rank }
        return ranks
    }

    private static func above(_ references: [[Int]], _ order: [Int], _ ranks: [Int]) -> [[Int]] {
        var above = [[Int]](repeating: [], count: order.count)
        for place in order {
            for reference in references[place] where ranks[reference] > ranks[place] { above[reference].append(place) }
        }
        return above
    }

    private static func flags(_ places: [Int], _ count: Int) -> [Bool] {
        var flags = [Bool](repeating: false, count: count)
        for place in places { flags[place] = true }
        return flags
    }

    /// How many layers the groups come to, small ones being one.
    var layerCount: Int { tally.layers }

    /// The counted paths by their marks, each group in byte order, the groups by their first paths.
    var groups: [[PathInfo]] {
        var numbers: [Int: Int] = [:]
        var groups: [[PathInfo]] = []
        for place in graph.infos.indices where isCounted[place] {
            if let number = numbers[own[place]] {
                groups[number].append(graph.infos[place])
            } else {
                numbers[own[place]] = groups.count
                groups.append([graph.infos[place]])
            }
        }
        return groups
    }

    /// Marks one more path.
    mutating func mark(_ place: Int) -> [Change] {
        isMarked[place] = true
        isPending[ranks[place]] = true
        return settle(from: ranks[place], to: ranks[place])
    }

    /// The groups are as they were before the last mark; nobody marks anything after that.
    mutating func takeBack(_ changes: [Change]) {
        for change in changes { move(change.place, to: change.before) }
    }

    /// Gives those that are pending their marks, and those below them.
    private mutating func settle(from first: Int, to last: Int) -> [Change] {
        var changes: [Change] = []
        var (rank, last) = (first, last)
        while rank <= last {
            if isPending[rank] {
                isPending[rank] = false
                let place = order[rank]
                let marks = isMarked[place] ? sets.only(place) : sets.union(above[place].lazy.map { [own] in own[$0] })
                if marks != own[place] {
                    changes.append(Change(place: place, before: own[place]))
                    move(place, to: marks)
                    last = max(last, awaken(below: place, rank))
                }
            }
            rank += 1
        }
        return changes
    }

    /// The rank of the last of those that have to be looked at again.
    private mutating func awaken(below place: Int, _ rank: Int) -> Int {
        var last = rank
        for reference in graph.references[place] where ranks[reference] > rank {
            isPending[ranks[reference]] = true
            last = max(last, ranks[reference])
        }
        return last
    }

    private mutating func move(_ place: Int, to marks: Int) {
        if isCounted[place] {
            tally.remove(place, from: own[place])
            tally.add(place, to: marks)
        }
        own[place] = marks
    }
}
