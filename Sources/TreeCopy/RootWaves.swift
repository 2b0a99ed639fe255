import SystemCalls

/// Roots in the order in which they are copied: those of a wave together, when all of the wave before are done.
///
/// Two roots of one name follow each other, as they would with cp. So do two names of one file that are to become
/// links, for what the first finds at its destination decides the mode of both. A root that is merged into the
/// directory, and those that go into it, follow each other too.
struct RootWaves {
    private(set) var all: [[CopyRoot]] = []
    /// The first wave that the next root may go into.
    private var first = 0
    private var names: [Path: Int] = [:]
    private var files: [FileIdentity: Int] = [:]
    private let options: CopyOptions

    init(_ request: CopyRequest) {
        options = request.options
        for root in request.roots { add(root, alone: request.isOrdered || root.name == ".") }
    }

    private mutating func add(_ root: CopyRoot, alone: Bool) {
        if alone {
            all.append([root])
            first = all.count
            return
        }
        let file = sharedFile(root)
        let wave = max(first, names[root.destination, default: 0], file.flatMap { files[$0] } ?? 0)
        names[root.destination] = wave + 1
        if let file { files[file] = wave + 1 }
        while all.count <= wave { all.append([]) }
        all[wave].append(root)
    }

    /// The file that another root may be a name of. A root that appears when it is done finds nothing there.
    private func sharedFile(_ root: CopyRoot) -> FileIdentity? {
        guard options.preserve.contains(.links), root.publication == .inPlace else { return nil }
        let follows = options.dereference != .never
        // What cannot be looked at is told of when it is copied.
        guard let source = try? Directory.current.metadata(of: Name(root.source), following: follows),
            source.kind != .directory, source.links > 1 || follows
        else { return nil }
        return source.identity
    }
}
