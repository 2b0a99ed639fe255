/// Finds records that somebody else keeps, by their hash: four bytes a slot, at most three quarters of them in use.
///
/// A dictionary holds keys and values, and while it grows it holds them twice; here only numbers are moved.
package struct HashIndex: Sendable {
    /// What has a slot and is not in use; nobody has as many records.
    private static let free = UInt32.max
    /// Record numbers by hash, with linear probing; a power of two.
    private var slots = [UInt32](repeating: Self.free, count: 64)
    private var count = 0

    package init() {}

    /// The first record under the hash for which `matches` is true, in the order in which they were added.
    package func find(_ hash: Int, _ matches: (Int) -> Bool) -> Int? {
        var slot = hash & (slots.count - 1)
        while slots[slot] != Self.free {
            if matches(Int(slots[slot])) { return Int(slots[slot]) }
            slot = (slot + 1) & (slots.count - 1)
        }
        return nil
    }

    /// Adds a record. `hashOf` gives the hash of those that are there, when the index grows.
    package mutating func add(_ number: Int, _ hash: Int, hashOf: (Int) -> Int) {
        if (count + 1) * 4 > slots.count * 3 { grow(hashOf) }
        put(UInt32(number), hash)
        count += 1
    }

    private mutating func put(_ number: UInt32, _ hash: Int) {
        var slot = hash & (slots.count - 1)
        while slots[slot] != Self.free { slot = (slot + 1) & (slots.count - 1) }
        slots[slot] = number
    }

    /// In the order of their numbers, so that those of one hash stay in the order in which they were added.
    private mutating func grow(_ hashOf: (Int) -> Int) {
        var numbers = slots.filter { $0 != Self.free }
        numbers.sort()
        slots = [UInt32](repeating: Self.free, count: slots.count * 2)
        for number in numbers { put(number, hashOf(Int(number))) }
    }
}
