/// A walk into the depth, with a stack of its own: a chain of references may be as long as the closure.
enum DepthFirst {
    /// What the starts lead to, each place after all that it leads to, as far as there are no cycles.
    ///
    /// Read backwards, the first place that no place before leads to is above or within a cycle that nothing else leads
    /// to. Source: R. Sedgewick, K. Wayne, 'Algorithms', 4.2, Kosaraju's algorithm.
    static func finished(_ below: [[Int]], from starts: some Sequence<Int>) -> [Int] {
        var isSeen = [Bool](repeating: false, count: below.count)
        var finished: [Int] = []
        for start in starts where !isSeen[start] {
            var stack = [(place: start, next: 0)]
            isSeen[start] = true
            while let last = stack.indices.last {
                let (place, next) = stack[last]
                guard next < below[place].count else {
                    finished.append(place)
                    stack.removeLast()
                    continue
                }
                stack[last].next += 1
                let child = below[place][next]
                if !isSeen[child] { stack.append((child, 0)) }
                isSeen[child] = true
            }
        }
        return finished
    }
}
