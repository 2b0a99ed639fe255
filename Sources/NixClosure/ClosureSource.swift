/// Somebody who knows closures.
public protocol ClosureSource: Sendable {
    /// The roots and all that they refer to, in any order, with their references.
    func infos(of roots: [StorePath]) throws(ClosureError) -> [PathInfo]
    /// The roots and all that they refer to, in any order, for whom that is enough.
    func storePaths(of roots: [StorePath]) throws(ClosureError) -> [StorePath]
}

extension ClosureSource {
    /// By way of what is known of each.
    public func storePaths(of roots: [StorePath]) throws(ClosureError) -> [StorePath] {
        try infos(of: roots).map(\.path)
    }
}
