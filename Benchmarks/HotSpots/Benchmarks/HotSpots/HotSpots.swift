import Benchmark
import TreeBuilding
import TreeCopy

/// What repot spends its time on, inside one process. The hash of a file belongs here as soon as there is a library for
/// it.
let benchmarks: @Sendable () -> Void = {
    Benchmark.defaultConfiguration = .init(
        metrics: [.wallClock], warmupIterations: 3, maxDuration: .seconds(3), maxIterations: 300)
    measureTrees()
    measureClosures()
    measureScans()
    measureArchives()
}

private let entries = 1000

/// What each kind of entry costs, a thousand of them.
private func measureTrees() {
    let file: (TreeBuilder, ByteString) throws -> Void = { try $0.file($1, .pattern(size: 5000)) }
    measure("walk: folders in folders of ten", on: .tmpfs, .copy) { tree, name in
        // 137 is folder 7 of folder 3 of folder 1.
        try tree.directory(name.bytes.map { ByteString([$0]) }.reduce("", /))
    }
    measure("folders", on: .tmpfs, .copy) { try $0.directory($1) }
    measure("symlinks", on: .tmpfs, .copy) { try $0.symbolicLink($1, to: "target") }
    measure("files copied", on: .tmpfs, .copy, file)
    measure("files hard-linked", on: .tmpfs, .hardlink, file)
    measure("files reflinked", on: .xfs, .reflink, file)
}

private func measure(
    _ name: String, on kind: FileSystemKind, _ strategy: StrategyChoice,
    _ make: @escaping (TreeBuilder, ByteString) throws -> Void
) {
    measure("\(entries) \(name)") { benchmark, ground in
        try ground.copy(by: strategy, benchmark)
    } with: {
        try Ground(on: kind) { tree in
            for index in 0..<entries { try make(tree, "\(index)") }
        }
    }
}
