import Glibc
import Measuring
package import TestSupport

/// Measures all programs with one workload after the other.
package struct SmallComparison: ~Copyable {
    private let programs: Programs
    private let directory: ByteString
    private let samples: Int
    private var stopwatch: Stopwatch
    private var random = SplitMix64(seed: 1)

    /// - Parameters:
    ///   - directory: an existing directory, where sources and copies are made.
    ///   - samples: how often each program is measured with each workload.
    package init(_ programs: Programs, in directory: ByteString, samples: Int) throws {
        self.programs = programs
        self.directory = directory
        self.samples = samples
        stopwatch = try Stopwatch()
    }

    /// Returns the times of one workload. Programs take turns after every single copy, in an order shuffled each
    /// time, so that a change in the speed of the machine meets them all.
    package mutating func run(_ workload: SmallWorkload) throws -> SmallResult {
        let source = directory / "source"
        try workload.make(source)
        // The first copies fill caches.
        _ = try sample(workload, repetitions: 1)
        var seconds = [[Double]](repeating: [], count: programs.all.count)
        for _ in 0..<samples {
            let times = try sample(workload, repetitions: workload.repetitions)
            for index in seconds.indices { seconds[index].append(times[index]) }
        }
        try Command.succeed(["rm", "-rf", "--", source])
        return SmallResult(workload: workload.name, programs: programs, seconds: seconds)
    }

    /// Returns the shortest time of each program, every copy to a destination of its own. Other processes only ever make a
    /// run longer, so the shortest run depends most on the program.
    private mutating func sample(_ workload: SmallWorkload, repetitions: Int) throws -> [Double] {
        let copies = directory / "copies"
        var shortest = [Double](repeating: .infinity, count: programs.all.count)
        try Command.succeed(["mkdir", copies])
        for repetition in 0..<repetitions {
            for index in random.permutation(of: programs.all.count) {
                let copy = copies / "\(repetition)-\(index)"
                let command = programs.all[index].words + workload.options + [directory / "source", copy]
                shortest[index] = min(shortest[index], try stopwatch.time(command))
            }
        }
        try Command.succeed(["rm", "-rf", "--", copies])
        return shortest
    }
}

extension SplitMix64 {
    fileprivate mutating func permutation(of count: Int) -> [Int] {
        var rest = Array(0..<count)
        return (0..<count).map { _ in rest.remove(at: number(in: 0...rest.count - 1)) }
    }
}
