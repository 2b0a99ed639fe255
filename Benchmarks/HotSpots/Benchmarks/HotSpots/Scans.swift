import Benchmark
import NixClosure
import SystemCalls
import TreeBuilding

private let size = 64 << 20

/// What looking for references costs by what is looked at: a byte that is no digit rules out 32 windows, and one in a
/// run of digits only one.
func measureScans() {
    measure("\(size >> 20) MiB of noise scanned", .pattern(size: size))
    measure("\(size >> 20) MiB of words scanned", repeated("The words of a text, and then some more. "))
    measure("\(size >> 20) MiB of base 16 scanned", .bytes(base16()))
    measure("\(size >> 20) MiB of zeros scanned", repeated("0"))
    measure("1,000 small files scanned", .pattern(size: 5000), files: 1000)
}

private func measure(_ name: String, _ content: FileContent, files: Int = 1) {
    measure(name) { benchmark, scanned in
        benchmark.startMeasurement()
        blackHole(try scanned.source.infos(of: [scanned.path]))
        benchmark.stopMeasurement()
    } with: {
        try ScannedStore(content, files: files)
    }
}

/// A store with one path in it.
private struct ScannedStore {
    let folder: Scratch
    let path: StorePath
    let source: ScanSource

    init(_ content: FileContent, files: Int) throws {
        let name = "0123456789abcdfghijklmnpqrsvwxyz-scanned"
        guard let path = StorePath(baseName: Path(name)) else { throw TestError("\(name) is no store path") }
        let folder = try Scratch()
        try TreeBuilder.build(at: folder.path) { tree in
            for file in 0..<files { try tree.file("nix/store/\(name)/\(file)", content) }
        }
        let store = try Store(directory: "/nix/store", root: Path(folder.path.bytes))
        (self.folder, self.path, source) = (folder, path, ScanSource(store, workers: 1))
    }
}

private func repeated(_ text: String) -> FileContent {
    let bytes = Array(text.utf8)
    return .bytes((0..<size).map { bytes[$0 % bytes.count] })
}

private func base16() -> [UInt8] {
    var random = SplitMix64(seed: 1)
    let digits = Array("0123456789abcdef".utf8)
    return random.bytes(size).map { digits[Int($0 & 15)] }
}
