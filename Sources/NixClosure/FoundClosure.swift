/// A closure and its source.
public struct FoundClosure: Sendable {
    /// A source that was tried first and could not provide the closure.
    public struct SkippedSource: Sendable {
        /// The source.
        public let source: SourceChoice
        /// The reason.
        public let reason: ClosureError
    }

    /// The name of a source, or the forms of the documents.
    public let origin: String
    /// The store paths.
    public let closure: Closure
    /// Information about each store path. A path that is in a plain list only has no references, hash or size.
    public let infos: [PathInfo]
    /// The store paths that are in a plain list only. Their references are unknown until a scan finds them.
    public let unrecorded: [StorePath]
    /// The roots that the user named, profiles included.
    public let roots: [StorePath]
    /// The number of store paths that the source named, counted before their records were read.
    public let declaredCount: Int
    /// The sources that were tried before, in this order.
    public let skipped: [SkippedSource]

    /// A closure that was read from documents.
    ///
    /// - Parameters:
    ///   - recorded: the store paths with their records.
    ///   - unrecorded: the store paths without a record.
    init(origin: String, recorded: [PathInfo], unrecorded: [StorePath], roots: [StorePath]) {
        (self.origin, self.unrecorded, self.roots, skipped) = (origin, unrecorded, roots, [])
        infos = recorded + unrecorded.map { PathInfo($0, references: []) }
        closure = Closure(infos.map(\.path))
        declaredCount = infos.count
    }

    /// The closure in the answer of a source.
    ///
    /// - Throws: An error if the source named store paths that it did not describe.
    init(
        _ answer: ClosureAnswer, of roots: [StorePath], from source: SourceChoice, skipped: [SkippedSource]
    ) throws(ClosureError) {
        (origin, infos, unrecorded) = (source.rawValue, answer.infos, [])
        (self.roots, self.skipped) = (roots, skipped)
        closure = Closure(answer.infos.map(\.path))
        declaredCount = answer.declaredCount
        let described = closure.storePaths.count
        if described != declaredCount { throw .incomplete(source, named: declaredCount, described: described) }
    }
}

extension FoundClosure {
    /// Whether the source declares the references of each path. A list has no references, and a scan also finds names
    /// of store paths that may not be references.
    public var declaresReferences: Bool { unrecorded.isEmpty && origin != SourceChoice.scan.rawValue }

    /// The source of the closure, and why others were skipped; one line each.
    public var explanation: [String] {
        ["closure source: \(origin)"] + skipped.map { "closure source skipped: \($0.source.rawValue): \($0.reason)" }
    }
}
