import SystemCalls

/// For each node of a graph, the sum of the weights of all nodes that it leads to, itself included.
///
/// Nodes of a cycle lead to the same nodes, and are one component. Sixty-four components are followed at a time, each as
/// one bit, so that a chain of 20,000 nodes takes a fraction of a second and no memory for sets.
enum ReachSums {
    static func sums(of weights: [UInt64], references: [[Int]]) -> [UInt64] {
        let components = Components(references)
        var own = [UInt64](repeating: 0, count: components.references.count)
        for (node, component) in components.numbers.enumerated() {
            own[component] = own[component].addingSaturated(weights[node])
        }
        let sums = sums(of: own, components)
        return components.numbers.map { sums[$0] }
    }

    private static func sums(of weights: [UInt64], _ components: Components) -> [UInt64] {
        var sums = [UInt64](repeating: 0, count: weights.count)
        for first in stride(from: 0, to: weights.count, by: UInt64.bitWidth) {
            let marks = marks(ofBlockAt: first, components)
            add(weights[first...], by: marks) { bit, weight in
                sums[first + bit] = sums[first + bit].addingSaturated(weight)
            }
        }
        return sums
    }

    /// Calls `body` with the weights for each bit. Neighbours often have the same bits, and are added up first.
    private static func add(
        _ weights: ArraySlice<UInt64>, by marks: [UInt64], _ body: (_ bit: Int, _ weight: UInt64) -> Void
    ) {
        var (bits, sum) = (UInt64(0), UInt64(0))
        func flush() {
            while bits != 0 {
                body(bits.trailingZeroBitCount, sum)
                bits &= bits - 1
            }
        }
        for component in weights.indices {
            if marks[component] != bits {
                flush()
                (bits, sum) = (marks[component], 0)
            }
            sum = sum.addingSaturated(weights[component])
        }
        flush()
    }

    /// For each component, the bits of those of the block that lead to it. No component before the block can be reached.
    private static func marks(ofBlockAt first: Int, _ components: Components) -> [UInt64] {
        let count = components.references.count
        var marks = [UInt64](repeating: 0, count: count)
        for component in first..<min(first + UInt64.bitWidth, count) {
            marks[component] = 1 << UInt64(component - first)
        }
        for component in first..<count where marks[component] != 0 {
            for reference in components.references[component] { marks[reference] |= marks[component] }
        }
        return marks
    }
}

/// The strongly connected components of a graph, each before those that it leads to. Source: R. Sedgewick, K. Wayne,
/// 'Algorithms', 4.2, Kosaraju's algorithm.
private struct Components {
    /// The component of each node.
    private(set) var numbers: [Int]
    /// The components to which each one refers, itself left out.
    private(set) var references: [[Int]] = []

    init(_ graph: [[Int]]) {
        numbers = [Int](repeating: -1, count: graph.count)
        var referrers = [[Int]](repeating: [], count: graph.count)
        for node in graph.indices { for reference in graph[node] { referrers[reference].append(node) } }
        var count = 0
        for start in DepthFirst.finished(graph, from: graph.indices).reversed() where numbers[start] < 0 {
            var pending = [start]
            while let node = pending.popLast() {
                if numbers[node] >= 0 { continue }
                numbers[node] = count
                for referrer in referrers[node] where numbers[referrer] < 0 { pending.append(referrer) }
            }
            count += 1
        }
        references = [[Int]](repeating: [], count: count)
        for node in graph.indices {
            let component = numbers[node]
            for reference in graph[node] where numbers[reference] != component {
                references[component].append(numbers[reference])
            }
        }
    }
}
