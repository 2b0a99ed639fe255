/// What a source says of a closure.
public struct ClosureAnswer: Sendable {
    /// What is known of each store path, in any order.
    public let infos: [PathInfo]
    /// How many store paths the source has named, counted before anything was made of what it said.
    public let told: Int

    /// An answer of so many store paths, and what was made of them.
    public init(_ infos: [PathInfo], told: Int) {
        self.infos = infos
        self.told = told
    }
}

/// Somebody who knows closures.
public protocol ClosureSource: Sendable {
    /// The roots and all that they refer to, with their references.
    func answer(about roots: [StorePath]) throws(ClosureError) -> ClosureAnswer
    /// The roots and all that they refer to, in any order, for whom that is enough.
    func storePaths(of roots: [StorePath]) throws(ClosureError) -> [StorePath]
}

extension ClosureSource {
    /// What is known of the roots and of all that they refer to, in any order.
    public func infos(of roots: [StorePath]) throws(ClosureError) -> [PathInfo] { try answer(about: roots).infos }

    /// By way of what is known of each.
    public func storePaths(of roots: [StorePath]) throws(ClosureError) -> [StorePath] {
        try infos(of: roots).map(\.path)
    }
}
