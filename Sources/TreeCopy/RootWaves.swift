import SystemCalls

/// Roots in the order in which they are copied: those of a wave together, when all of the wave before are done.
///
/// One root follows another, as all do with cp, where it could see what the other does: they have one destination, one
/// writes what the other reads or writes, or they are names of one file that are to become links, where the first
/// decides what mode both have. A root whose surroundings tell nothing for certain goes alone.
struct RootWaves {
    private(set) var all: [[CopyRoot]] = []
    /// Some destination is there.
    let meetsSomething: Bool
    /// The first wave that the next root may go into.
    private var first = 0
    /// The waves after the last one in which somebody makes the name, reads the file, or writes it.
    private var names: [Path: Int] = [:]
    private var reads: [FileIdentity: Int] = [:]
    private var writes: [FileIdentity: Int] = [:]
    /// No root can make an entry with the name of another one, but by folding names.
    private let isFlat: Bool

    init(_ roots: [CopyRoot], _ options: CopyOptions, isOrdered: Bool) {
        isFlat = roots.allSatisfy { $0.directory == roots.first?.directory }
        // One worker is in nobody's way.
        let footprints = isOrdered ? [] : RootFootprint.all(of: roots, options)
        meetsSomething = footprints.contains(where: \.meetsSomething)
        guard !footprints.isEmpty else {
            for root in roots { addAlone(root) }
            return
        }
        for (root, footprint) in zip(roots, footprints) {
            if root.name == "." || footprint.standsAlone { addAlone(root) } else { add(root, footprint) }
        }
    }

    private mutating func addAlone(_ root: CopyRoot) {
        all.append([])
        put(root, in: all.count - 1)
        first = all.count
    }

    /// What was seen before the first wave may be another in the second.
    private mutating func put(_ root: CopyRoot, in wave: Int) {
        all[wave].append(root)
        if wave > 0 { all[wave][all[wave].count - 1].seen = nil }
    }

    private mutating func add(_ root: CopyRoot, _ footprint: RootFootprint) {
        var wave = max(first, names[root.destination, default: 0])
        // Where nothing is there, nothing is written that others may read.
        let read = meetsSomething ? footprint.reads : nil
        if let file = read { wave = max(wave, writes[file, default: 0]) }
        for file in footprint.writes { wave = max(wave, reads[file, default: 0], writes[file, default: 0]) }
        var root = root
        root.isKnownNew = isFlat && !footprint.meetsSomething && names[root.destination] == nil
        names[root.destination] = wave + 1
        if let file = read { reads[file] = max(reads[file, default: 0], wave + 1) }
        for file in footprint.writes { writes[file] = wave + 1 }
        while all.count <= wave { all.append([]) }
        put(root, in: wave)
    }
}
