/// Sets of marks, each known by a number, so that they are compared at once: what two come to is worked out once.
struct MarkSets {
    /// The set without marks.
    static let none = 0

    private struct Pair: Hashable {
        let first: Int
        let second: Int
    }

    /// A bit for each mark; the last word has one.
    private var members: [[UInt64]] = [[]]
    private var numbers: [[UInt64]: Int] = [[]: none]
    private var marks: [Int: Int] = [:]
    private var unions: [Pair: Int] = [:]
    /// The turn in which a set was last looked at.
    private var turns = [0]
    private var turn = 0

    /// The set of this mark alone.
    mutating func only(_ mark: Int) -> Int {
        if let known = marks[mark] { return known }
        let (word, bit) = marks.count.quotientAndRemainder(dividingBy: UInt64.bitWidth)
        let number = number(of: [UInt64](repeating: 0, count: word) + [1 << UInt64(bit)])
        marks[mark] = number
        return number
    }

    /// What they come to together.
    mutating func union(_ sets: some Sequence<Int>) -> Int {
        turn += 1
        var sum = Self.none
        for set in sets where turns[set] != turn {
            turns[set] = turn
            sum = union(sum, set)
        }
        return sum
    }

    private mutating func union(_ a: Int, _ b: Int) -> Int {
        if a == b || b == Self.none { return a }
        if a == Self.none { return b }
        let pair = Pair(first: min(a, b), second: max(a, b))
        if let known = unions[pair] { return known }
        let (short, long) = members[a].count < members[b].count ? (members[a], members[b]) : (members[b], members[a])
        var words = long
        for place in short.indices { words[place] |= short[place] }
        let number = number(of: words)
        unions[pair] = number
        return number
    }

    private mutating func number(of words: [UInt64]) -> Int {
        if let known = numbers[words] { return known }
        numbers[words] = members.count
        members.append(words)
        turns.append(0)
        return members.count - 1
    }
}
