import NixClosure
import SystemCalls

/// A request for an entry of the root file system.
struct Claim: Hashable {
    /// The requested entry.
    enum Content: Hashable {
        /// A directory; `mode` is nil if any mode will do.
        case directory(mode: UInt32?)
        case symlink(target: Path)
        case file([UInt8], mode: UInt32)
        /// A path in the store: a symlink to it, or a directory of symlinks to its entries.
        case stored(Path)
    }

    /// The rank of claims that repot makes only where the user names nothing.
    static let lowestRank = Int.max

    let origin: RootfsOrigin
    let content: Content
    /// The rank; 0 for a claim that the user makes. Claims of the same rank have to agree, and a claim with a larger
    /// rank yields to them.
    var rank = 0

    /// The option that made the claim, with the path in the store if there is one.
    var words: String {
        if case .stored(let path) = content { "\(origin) (\(path.quotedWhereNeeded))" } else { "\(origin)" }
    }
}

/// The claims at one path of the root file system, and those below it.
final class ClaimNode {
    var claims: [Claim] = []
    var children: [Path: ClaimNode] = [:]

    /// The first claim below this path, in byte order of the names; it requires a directory here.
    var inhabitant: Claim? {
        for (_, child) in children.sorted(by: { $0.key < $1.key }) {
            if let claim = child.claims.first ?? child.inhabitant { return claim }
        }
        return nil
    }

    /// The ranks of the claims here and below; nil if there is no claim.
    var ranks: ClosedRange<Int>? {
        var ranks: ClosedRange<Int>?
        for found in claims.map({ $0.rank...$0.rank }) + children.values.compactMap(\.ranks) {
            let known = ranks ?? found
            ranks = min(known.lowerBound, found.lowerBound)...max(known.upperBound, found.upperBound)
        }
        return ranks
    }

    /// Adds a claim for each of these entries of a directory in the store; `claim` is the claim for the directory.
    func add(_ names: [Path], in directory: Path, for claim: Claim) {
        for name in names {
            let child = children[name] ?? ClaimNode()
            children[name] = child
            child.claims.append(
                Claim(origin: claim.origin, content: .stored(directory.appending(name)), rank: claim.rank))
        }
    }

    /// Removes the claims below this path that yield to a claim of this rank.
    func removeChildren(yieldingTo rank: Int) {
        for (name, child) in children {
            child.claims.removeAll { $0.rank > rank }
            child.removeChildren(yieldingTo: rank)
            if child.claims.isEmpty, child.children.isEmpty { children[name] = nil }
        }
    }
}
