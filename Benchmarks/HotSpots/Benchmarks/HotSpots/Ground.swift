import Benchmark
import SystemCalls
import TreeBuilding
import TreeCopy

/// A tree that is copied again and again, each time to a new place.
struct Ground {
    private let room: Scratch
    private let tree: ByteString

    /// In the current directory where the file system cannot be mounted: that needs root.
    init(on kind: FileSystemKind, _ fill: (TreeBuilder) throws -> Void) throws {
        room = try FileSystemMatrix.mount(kind).fileSystem?.scratch() ?? Scratch(in: ".")
        tree = room / "tree"
        try TreeBuilder.build(at: tree, fill)
    }

    /// Only the engine is measured, and neither the making of the place nor its removal.
    ///
    /// - Throws: the first thing that could not be copied; stepping down from the strategy is one.
    func copy(by strategy: StrategyChoice, _ benchmark: Benchmark) throws {
        let place = try Scratch(in: room.path)
        var options = CopyOptions()
        options.strategy = strategy
        options.isStrict = true
        let root = CopyRoot(
            source: Path(tree.bytes), directory: Path(place.path.bytes), name: "copy", publication: .inPlace)
        let request = CopyRequest(roots: [root], options: options)
        benchmark.startMeasurement()
        let report = CopyEngine(request).copy()
        benchmark.stopMeasurement()
        try place.remove()
        if let error = report.errors.first { throw error }
    }
}
