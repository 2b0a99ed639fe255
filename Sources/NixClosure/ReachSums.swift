import SystemCalls

/// For each node of a graph, the sum of the weights of all nodes that it leads to, itself included.
///
/// Sixty-four nodes are followed at a time, each as one bit, so that a chain of 20,000 nodes takes a fraction of a
/// second and no memory for sets.
enum ReachSums {
    static func sums(of weights: [UInt64], references: [[Int]]) -> [UInt64] {
        // A node comes before all nodes that it leads to, except in cycles.
        let order = Array(DepthFirst.finished(references, from: references.indices).reversed())
        var positions = [Int](repeating: 0, count: order.count)
        for (position, node) in order.enumerated() { positions[node] = position }
        let hasCycles = order.contains { node in references[node].contains { positions[$0] < positions[node] } }
        var sums = [UInt64](repeating: 0, count: order.count)
        for block in stride(from: 0, to: order.count, by: UInt64.bitWidth) {
            let starts = order[block..<min(block + UInt64.bitWidth, order.count)]
            let marks = marks(of: starts, order[(hasCycles ? 0 : block)...], references, repeats: hasCycles)
            add(weights, of: order, by: marks) { bit, weight in
                let start = order[block + bit]
                sums[start] = sums[start].addingSaturated(weight)
            }
        }
        return sums
    }

    /// Calls `body` with the weights for each bit. Neighbours often have the same bits, and are added up first.
    private static func add(
        _ weights: [UInt64], of order: [Int], by marks: [UInt64], _ body: (_ bit: Int, _ weight: UInt64) -> Void
    ) {
        var (bits, weight) = (UInt64(0), UInt64(0))
        func flush() {
            while bits != 0 {
                body(bits.trailingZeroBitCount, weight)
                bits &= bits - 1
            }
        }
        for node in order {
            if marks[node] != bits {
                flush()
                (bits, weight) = (marks[node], 0)
            }
            weight = weight.addingSaturated(weights[node])
        }
        flush()
    }

    /// For each node, the bits of the starts that lead to it.
    private static func marks(
        of starts: ArraySlice<Int>, _ order: ArraySlice<Int>, _ references: [[Int]], repeats: Bool
    ) -> [UInt64] {
        var marks = [UInt64](repeating: 0, count: references.count)
        for (bit, start) in starts.enumerated() { marks[start] = 1 << UInt64(bit) }
        var isChanged: Bool
        repeat {
            isChanged = false
            for node in order where marks[node] != 0 {
                for reference in references[node] where marks[reference] | marks[node] != marks[reference] {
                    marks[reference] |= marks[node]
                    isChanged = true
                }
            }
        } while repeats && isChanged
        return marks
    }
}
