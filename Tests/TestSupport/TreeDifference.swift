extension TreeSnapshot {
    /// What differs, one line for each finding such as `a/b: mode 0644 != 0755`, left being `first`.
    ///
    /// - Parameters:
    ///   - ignoring: aspects not to look at.
    ///   - including: aspects to look at that are left out by default: `allocation`, `accessTimes`.
    public static func difference(
        _ first: TreeSnapshot, _ second: TreeSnapshot, ignoring: Set<Aspect> = [],
        including: Set<Aspect> = []
    ) -> [String] {
        let ignored = ignoring.union(Aspect.onDemand.subtracting(including))
        var comparison = TreeComparison(first: first, second: second, ignored: ignored)
        comparison.run()
        return comparison.lines
    }
}

/// Goes through two trees side by side.
private struct TreeComparison {
    let first: TreeSnapshot
    let second: TreeSnapshot
    let ignored: Set<Aspect>
    var lines: [String] = []

    /// Pairs of nodes still to look at; a stack, for recursion would not survive a deep tree.
    private var pending = [(0, 0)]

    init(first: TreeSnapshot, second: TreeSnapshot, ignored: Set<Aspect>) {
        self.first = first
        self.second = second
        self.ignored = ignored
    }

    mutating func run() {
        while let (left, right) = pending.popLast() {
            compare(left, right)
            pair(first.nodes[left].children, second.nodes[right].children)
        }
    }

    private mutating func pair(_ left: [Int], _ right: [Int]) {
        var others: [ByteString: Int] = [:]
        for index in right { others[second.nodes[index].name] = index }
        var pairs: [(Int, Int)] = []
        for index in left {
            if let other = others.removeValue(forKey: first.nodes[index].name) {
                pairs.append((index, other))
            } else {
                lines.append("\(first.path(of: index)): only in the first tree")
            }
        }
        for index in others.values.sorted() {
            lines.append("\(second.path(of: index)): only in the second tree")
        }
        pending += pairs.reversed()
    }

    private mutating func compare(_ left: Int, _ right: Int) {
        let isRoot = left == 0
        var entries = EntryComparison(
            first: first.nodes[left].entry, second: second.nodes[right].entry, isRoot: isRoot,
            ignored: ignored)
        entries.run()
        let links = ignored.contains(.links) ? nil : linkDifference(left, right)
        let findings = entries.findings + (links.map { [$0] } ?? [])
        if findings.isEmpty { return }
        let path = isRoot ? "." : first.path(of: left).description
        lines += findings.map { "\(path): \($0)" }
    }

    private func linkDifference(_ left: Int, _ right: Int) -> String? {
        let leaders = (first.nodes[left].linkLeader, second.nodes[right].linkLeader)
        if leaders == (nil, nil) { return nil }
        let one = leaders.0.map { "link to \(first.path(of: $0))" } ?? "no link"
        let other = leaders.1.map { "link to \(second.path(of: $0))" } ?? "no link"
        return one == other ? nil : "\(one) != \(other)"
    }
}
