import Synchronization
import SystemCalls

/// The unit in which a file system stores modification times: a power of ten nanoseconds, or two seconds.
struct TimeResolution: Equatable {
    static let finest = TimeResolution(nanoseconds: 1)
    private static let second: Int64 = 1_000_000_000

    let nanoseconds: Int64

    private init(nanoseconds: Int64) { self.nanoseconds = nanoseconds }

    /// The coarsest resolution that has all these times.
    init(upperBoundOf times: [Timestamp]) {
        var unit: Int64 = 1
        while unit < Self.second, times.allSatisfy({ Int64($0.nanoseconds) % (unit * 10) == 0 }) { unit *= 10 }
        let isEven = unit == Self.second && times.allSatisfy { $0.seconds.isMultiple(of: 2) }
        nanoseconds = isEven ? 2 * Self.second : unit
    }

    /// The time as the file system stores it.
    func truncate(_ time: Timestamp) -> Timestamp {
        guard nanoseconds < Self.second else {
            let excess = nanoseconds == Self.second ? 0 : time.seconds & 1
            return Timestamp(seconds: time.seconds - excess, nanoseconds: 0)
        }
        return Timestamp(
            seconds: time.seconds, nanoseconds: time.nanoseconds - time.nanoseconds % UInt32(nanoseconds))
    }
}

extension Directory {
    /// Measures the resolution with a temporary file, since an existing file may have names elsewhere.
    func timeResolution() throws(Errno) -> TimeResolution {
        let name = Name.temporary()
        let file = try createFile(name, .ownerReadWrite)
        defer { try? unlink(name) }
        // An odd second and nine digits other than zero, in the range of vfat, which begins in 1980.
        let probe = Timestamp(seconds: 1_000_000_001, nanoseconds: 111_111_111)
        try file.setTimes(accessed: probe, modified: probe)
        return TimeResolution(upperBoundOf: [try file.metadata().modified])
    }
}

/// The resolutions of the file systems that a run has measured.
final class TimeResolutions: Sendable {
    private let known = Mutex<[UInt64: TimeResolution]>([:])

    /// The resolution of the device, which `measure` finds the first time.
    func resolution(of device: UInt64, _ measure: () -> TimeResolution) -> TimeResolution {
        if let resolution = known.withLock({ $0[device] }) { return resolution }
        let resolution = measure()
        known.withLock { $0[device] = resolution }
        return resolution
    }
}
