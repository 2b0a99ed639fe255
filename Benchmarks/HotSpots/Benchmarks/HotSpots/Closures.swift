import Benchmark
import NixClosure
import Rootfs
import SystemCalls
import TreeBuilding

private let paths = 10_000

/// What a large closure costs before anything is copied.
func measureClosures() {
    Benchmark("\(paths) store paths parsed") { benchmark in
        let names = (0..<paths).map { Path(storeName($0)) }
        benchmark.startMeasurement()
        for name in names { blackHole(StorePath(baseName: name)) }
        benchmark.stopMeasurement()
    }
    measure("\(paths) lines of a closure read") { _, list in
        blackHole(try ClosureDocument(reading: Path(list.path.bytes), try store()).storePaths)
    } with: {
        try WrittenClosure()
    }
    measure("\(paths) store paths planned") { benchmark, list in
        let closure = Closure(try ClosureDocument(reading: Path(list.path.bytes), try store()).storePaths)
        let destination = Path(list.folder.path.bytes + Array("/rootfs".utf8))
        let spec = RootfsSpec(store: try store(), closure: closure, destination: destination)
        benchmark.startMeasurement()
        blackHole(try RootfsPlan(spec))
        benchmark.stopMeasurement()
    } with: {
        try WrittenClosure()
    }
}

/// A list of store paths in a file.
private struct WrittenClosure {
    let folder: Scratch
    var path: ByteString { folder / "closure" }

    init() throws {
        folder = try Scratch()
        let lines = (0..<paths).map { "/nix/store/\(storeName($0))\n" }
        try TreeBuilder.build(at: folder.path) { try $0.file("closure", .text(lines.joined())) }
    }
}

private func store() throws -> Store {
    try Store(directory: "/nix/store", root: nil)
}

/// As long as Nix's hashes, in whose alphabet all digits are.
private func storeName(_ number: Int) -> String {
    let digits = String(number)
    return String(repeating: "0", count: 32 - digits.count) + digits + "-package-1.\(number)"
}
