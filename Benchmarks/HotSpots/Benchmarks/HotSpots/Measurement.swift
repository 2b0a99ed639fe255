import Benchmark

/// Measures `body` with something that is made before its first iteration and let go after the last, so that what
/// it has on a disk goes with it: the benchmark itself would hold it until the process ends.
func measure<Setting>(
    _ name: String, _ body: @escaping (Benchmark, Setting) throws -> Void,
    with make: @escaping () throws -> Setting
) {
    var setting: Setting?
    Benchmark(name) { benchmark in
        guard let setting else { return benchmark.error("it was not set up") }
        try body(benchmark, setting)
    } setup: {
        setting = try make()
    } teardown: {
        setting = nil
    }
}
