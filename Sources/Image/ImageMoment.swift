/// A moment as images write it: RFC 3339, in UTC.
public struct ImageMoment: Hashable, Sendable, CustomStringConvertible {
    /// Seconds since 1970.
    public let seconds: Int64
    /// The digits behind the point, as somebody wrote them.
    private let fraction: String

    /// Years have four digits.
    private static let range: ClosedRange<Int64> = -62_167_219_200...253_402_300_799
    private static let dayLength: Int64 = 86_400

    /// nil for one before the year 0 or after 9999.
    public init?(seconds: Int64) { self.init(seconds, fraction: "") }

    /// Second 1, which all files of an image have: the same closure is the same image.
    public static let first = ImageMoment(validSeconds: 1)

    private init(validSeconds: Int64) { (seconds, fraction) = (validSeconds, "") }

    private init?(_ seconds: Int64, fraction: String) {
        guard Self.range.contains(seconds) else { return nil }
        self.seconds = seconds
        self.fraction = fraction
    }

    /// RFC 3339, `1970-01-01T00:00:01Z`, or seconds since 1970; nil for anything else.
    public init?(_ text: String) {
        if let seconds = Int64(text) {
            self.init(seconds: seconds)
            return
        }
        var reader = MomentReader(text)
        guard let (seconds, fraction) = reader.moment() else { return nil }
        self.init(seconds, fraction: fraction)
    }

    /// `1970-01-01T00:00:01Z`.
    public var description: String {
        let time = seconds.remainder(dividingBy: Self.dayLength)
        let date = Self.date(day: (seconds - time) / Self.dayLength)
        let clock = [time / 3600, time / 60 % 60, time % 60].map { $0.padded(2) }.joined(separator: ":")
        let point = fraction.isEmpty ? "" : ".\(fraction)"
        return "\(date.year.padded(4))-\(date.month.padded(2))-\(date.day.padded(2))T\(clock)\(point)Z"
    }

    /// Days before a year of the Gregorian calendar, from the year 0 on.
    private static func days(before year: Int64) -> Int64 {
        let past = year - 1
        return year == 0 ? 0 : 366 + past * 365 + past / 4 - past / 100 + past / 400
    }

    private static let epoch = days(before: 1970)

    private static func lengths(of year: Int64) -> [Int64] {
        let isLeap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
        return [31, isLeap ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]
    }

    /// The date of a day since 1970.
    private static func date(day: Int64) -> (year: Int64, month: Int64, day: Int64) {
        let absolute = day + epoch
        // A year has 365.2425 days: the guess is right or one off.
        var year = absolute * 400 / 146_097
        while days(before: year + 1) <= absolute { year += 1 }
        while days(before: year) > absolute { year -= 1 }
        var rest = absolute - days(before: year)
        var month: Int64 = 1
        for length in lengths(of: year) {
            if rest < length { break }
            rest -= length
            month += 1
        }
        return (year, month, rest + 1)
    }

    /// nil for a day that is not in the calendar.
    fileprivate static func day(year: Int64, month: Int64, day: Int64) -> Int64? {
        guard (1...12).contains(month) else { return nil }
        let lengths = lengths(of: year)
        guard (1...lengths[Int(month) - 1]).contains(day) else { return nil }
        return days(before: year) - epoch + lengths[..<(Int(month) - 1)].reduce(0, +) + day - 1
    }
}

/// Reads a date and a time. Source: RFC 3339, 5.6.
private struct MomentReader {
    private var rest: Substring.UTF8View

    init(_ text: String) { rest = Substring(text).utf8 }

    mutating func moment() -> (seconds: Int64, fraction: String)? {
        guard let year = number(4), takes("-"), let month = number(2), takes("-"), let day = number(2),
            takes("T") || takes("t") || takes(" "),
            let hour = number(2), takes(":"), let minute = number(2), takes(":"), let second = number(2),
            let days = ImageMoment.day(year: year, month: month, day: day), hour < 24, minute < 60,
            // A leap second is the first one after it.
            second <= 60
        else { return nil }
        var fraction = ""
        if takes(".") {
            fraction = digits()
            // Go's readers take no more.
            if fraction.isEmpty || fraction.utf8.count > 9 { return nil }
        }
        guard let offset = offset(), rest.isEmpty else { return nil }
        return (days * 86_400 + hour * 3600 + minute * 60 + second - offset, fraction)
    }

    private mutating func offset() -> Int64? {
        if takes("Z") || takes("z") { return 0 }
        let sign: Int64 = takes("+") ? 1 : takes("-") ? -1 : 0
        guard sign != 0, let hour = number(2), takes(":"), let minute = number(2), hour < 24, minute < 60 else {
            return nil
        }
        return sign * (hour * 3600 + minute * 60)
    }

    private mutating func takes(_ character: Unicode.Scalar) -> Bool {
        guard rest.first == UInt8(ascii: character) else { return false }
        rest.removeFirst()
        return true
    }

    private mutating func number(_ count: Int) -> Int64? {
        let digits = rest.prefix(count)
        guard digits.count == count, digits.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }) else {
            return nil
        }
        rest.removeFirst(count)
        return Int64(String(decoding: digits, as: UTF8.self))
    }

    private mutating func digits() -> String {
        let digits = rest.prefix { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
        rest.removeFirst(digits.count)
        return String(decoding: digits, as: UTF8.self)
    }
}

extension Int64 {
    /// Not negative, also of a negative number.
    fileprivate func remainder(dividingBy divisor: Int64) -> Int64 { (self % divisor + divisor) % divisor }

    fileprivate func padded(_ width: Int) -> String {
        let digits = String(self)
        return String(repeating: "0", count: Swift.max(0, width - digits.count)) + digits
    }
}
