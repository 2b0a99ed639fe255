import SystemCalls

/// What goes when a path goes: each path that can be reached through it only.
///
/// Source: K. Cooper, T. Harvey, K. Kennedy, 'A Simple, Fast Dominance Algorithm', 2001.
struct Dominators {
    /// The nearest path that leads to each one on all ways; nil where that is nothing but the roots together.
    private(set) var parents: [Int?]
    /// The places in an order in which each comes after its parent.
    private let order: [Int]

    /// A node that leads to all roots stands above them; it has the last place.
    init(references: [[Int]], roots: [Int]) {
        let top = references.count
        let below = references + [roots]
        let order = Array(DepthFirst.finished(below, from: [top]).reversed())
        var rank = [Int](repeating: 0, count: top + 1)
        for (index, place) in order.enumerated() { rank[place] = index }
        var above = [[Int]](repeating: [], count: top + 1)
        for place in order { for next in below[place] { above[next].append(place) } }
        var parents = [Int?](repeating: nil, count: top + 1)
        parents[top] = top
        var isChanged = true
        while isChanged {
            isChanged = false
            for place in order.dropFirst() {
                var parent: Int?
                for next in above[place] where parents[next] != nil {
                    parent = parent.map { Self.meet($0, next, parents, rank) } ?? next
                }
                if parents[place] != parent { (parents[place], isChanged) = (parent, true) }
            }
        }
        self.parents = parents.dropLast().map { $0 == top ? nil : $0 }
        self.order = Array(order.dropFirst())
    }

    private static func meet(_ one: Int, _ two: Int, _ parents: [Int?], _ rank: [Int]) -> Int {
        var (a, b) = (one, two)
        while a != b {
            if rank[a] < rank[b] { (a, b) = (b, a) }
            guard let parent = parents[a] else { return b }
            a = parent
        }
        return a
    }

    /// For each place the sum over it and all that goes with it.
    func sums(of values: [UInt64]) -> [UInt64] {
        var sums = values
        for place in order.reversed() {
            if let parent = parents[place] { sums[parent] = sums[parent].addingSaturated(sums[place]) }
        }
        return sums
    }
}
