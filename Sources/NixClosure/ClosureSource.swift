/// The answer of a source about a closure.
public struct ClosureAnswer: Sendable {
    /// Information about each store path, in any order.
    public let infos: [PathInfo]
    /// The number of store paths that the source named, counted before their records were read.
    public let declaredCount: Int

    /// The records of the store paths, and the number of store paths that the source named.
    public init(_ infos: [PathInfo], declaredCount: Int) {
        self.infos = infos
        self.declaredCount = declaredCount
    }
}

/// A source of closures.
public protocol ClosureSource: Sendable {
    /// The roots and all that they refer to, with their references.
    func answer(about roots: [StorePath]) throws(ClosureError) -> ClosureAnswer
    /// The store paths of the closure alone, in any order.
    func storePaths(of roots: [StorePath]) throws(ClosureError) -> [StorePath]
}

extension ClosureSource {
    /// Information about the roots and all store paths that they refer to, in any order.
    public func infos(of roots: [StorePath]) throws(ClosureError) -> [PathInfo] { try answer(about: roots).infos }

    /// The store paths of the complete answer.
    public func storePaths(of roots: [StorePath]) throws(ClosureError) -> [StorePath] {
        try infos(of: roots).map(\.path)
    }
}
