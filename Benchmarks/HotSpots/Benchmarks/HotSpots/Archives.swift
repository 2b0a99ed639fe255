import Benchmark
import SystemCalls
import Tar

private let members = 10_000

/// What a member's header costs: symlinks have nothing else, and are written to where nothing is kept.
func measureArchives() {
    for (what, target) in [("plain", "target"), ("with a pax record", String(repeating: "t", count: 200))] {
        Benchmark("\(members) headers, \(what)") { benchmark in
            var options = ArchiveOptions()
            options.workers = 1
            let items = (0..<members).map { ArchiveItem(Path("link-\($0)"), .symlink(target: Path(target))) }
            let writer = try TarWriter(items, options)
            benchmark.startMeasurement()
            blackHole(try writer.write(to: .file("/dev/null")))
            benchmark.stopMeasurement()
        }
    }
}
