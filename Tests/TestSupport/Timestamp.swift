import Glibc

/// A point in time as file systems keep it; before 1970 the seconds are negative, the nanoseconds never are.
public struct Timestamp: Hashable, Sendable, CustomStringConvertible {
    /// Since 1970, or before it if negative.
    public var seconds: Int
    /// What to add to the seconds: 0 to 999 999 999.
    public var nanoseconds: Int

    /// The start of a second unless more is said.
    public init(seconds: Int, nanoseconds: Int = 0) {
        self.seconds = seconds
        self.nanoseconds = nanoseconds
    }

    /// 13 December 1901 is as far back as every file system under test can go; this is close to it.
    public static let ancient = Timestamp(seconds: -2_100_000_000, nanoseconds: 123_456_789)

    /// Beyond 2038, where 32 bits no longer hold the seconds.
    public static let future = Timestamp(seconds: 4_500_000_000, nanoseconds: 987_654_321)

    /// Seconds with nine decimals.
    public var description: String {
        let digits = String(nanoseconds)
        return "\(seconds)." + String(repeating: "0", count: max(0, 9 - digits.count)) + digits
    }

    init(_ time: timespec) {
        self.init(seconds: time.tv_sec, nanoseconds: time.tv_nsec)
    }

    var timespec: timespec { .init(tv_sec: seconds, tv_nsec: nanoseconds) }
}

/// The two halves of a device's number.
public struct DeviceNumber: Hashable, Sendable, CustomStringConvertible {
    /// Names the driver.
    public var major: UInt32
    /// Names one of the driver's devices.
    public var minor: UInt32

    /// Takes the halves as mknod(1) does.
    public init(major: UInt32, minor: UInt32) {
        self.major = major
        self.minor = minor
    }

    /// As `ls -l` shows it, with a colon.
    public var description: String { "\(major):\(minor)" }

    /// `makedev` and its kin are macros; this is how glibc lays the two numbers out in 64 bits.
    init(_ packed: UInt64) {
        major = UInt32(truncatingIfNeeded: packed >> 32 & 0xffff_f000 | packed >> 8 & 0xfff)
        minor = UInt32(truncatingIfNeeded: packed >> 12 & 0xffff_ff00 | packed & 0xff)
    }

    var packed: UInt64 {
        let major = UInt64(major)
        let minor = UInt64(minor)
        return (major & 0xffff_f000) << 32 | (major & 0xfff) << 8 | (minor & 0xffff_ff00) << 12 | minor & 0xff
    }
}
