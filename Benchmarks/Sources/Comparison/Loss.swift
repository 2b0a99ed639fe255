import TestSupport

/// One kind of thing in which a result is not what its source is.
struct Loss {
    /// For the table: `times`.
    let what: String
    /// How many entries it concerns, at least.
    private(set) var count: Int
    /// The first of them: `a/b: mode 0644 != 0755`.
    let example: String
}

extension Loss {
    /// Steps from a comparison that looks at no aspect to one that looks at all.
    private static let steps: [(what: String, aspects: Set<Aspect>)] = [
        ("links", [.links]), ("holes", [.holes]), ("modes", [.mode]), ("owners", [.owner, .group]),
        ("xattrs", [.xattrs]), ("ACLs", [.acls]), ("times", [.times, .rootTimes]),
        ("folders' times", [.directoryTimes]),
        ("symlinks' times", [.symlinkTimes]),
    ]

    /// All in which the two trees differ, kind by kind.
    ///
    /// - Parameter isStore: whether what counts are the store paths in them: not the folder itself, nor `.links`,
    ///   with which Nix keeps books.
    static func between(
        _ source: TreeSnapshot, _ result: TreeSnapshot, isStore: Bool = false, excused: Set<Aspect> = []
    ) -> [Loss] {
        let excused = excused.union(isStore ? [.root] : [])
        func lines(ignoring ignored: Set<Aspect>) -> [String] {
            let lines = TreeSnapshot.difference(source, result, ignoring: ignored)
            return isStore ? lines.filter { !$0.hasPrefix(".links: ") } : lines
        }
        if lines(ignoring: excused).isEmpty { return [] }

        var ignored = excused.union(steps.flatMap(\.aspects))
        let entries = lines(ignoring: ignored)
        var known = Set(entries)
        let aspects = steps.compactMap { step in
            ignored.subtract(step.aspects)
            return Loss(step.what, lines(ignoring: ignored).filter { known.insert($0).inserted })
        }
        return ofEntries(entries) + aspects
    }

    /// What is there at all, and what is in it.
    private static func ofEntries(_ lines: [String]) -> [Loss] {
        let missing = lines.filter { $0.hasSuffix(": only in the first tree") }
        let extra = lines.filter { $0.hasSuffix(": only in the second tree") }
        let others = Set(lines).subtracting(missing).subtracting(extra).sorted()
        return [Loss("entries", missing), Loss("extra entries", extra), Loss("content", others)].compactMap(\.self)
    }

    /// Nil when there is no such line.
    init?(_ what: String, _ lines: [String]) {
        guard let example = lines.first else { return nil }
        self.init(what: what, count: lines.count, example: example)
    }

    /// Takes in what another round's result has lost.
    static func merge(_ losses: inout [Loss], _ others: [Loss]) {
        for other in others {
            if let index = losses.firstIndex(where: { $0.what == other.what }) {
                losses[index].count = max(losses[index].count, other.count)
            } else {
                losses.append(other)
            }
        }
    }
}
