import Image
import TestSupport
import Testing

/// Times as people and images write them.
@Suite struct ImageMomentTests {
    @Test(
        arguments: [
            ("1970-01-01T00:00:01Z", "1970-01-01T00:00:01Z"), ("0", "1970-01-01T00:00:00Z"),
            ("-1", "1969-12-31T23:59:59Z"), ("951782400", "2000-02-29T00:00:00Z"),
            ("2026-01-31T12:30:00+01:30", "2026-01-31T11:00:00Z"),
            ("2026-01-31t12:30:00.123456789z", "2026-01-31T12:30:00.123456789Z"),
            ("2025-12-31 23:00:00-02:00", "2026-01-01T01:00:00Z"), ("2016-12-31T23:59:60Z", "2017-01-01T00:00:00Z"),
            ("0000-01-01T00:00:00Z", "0000-01-01T00:00:00Z"), ("9999-12-31T23:59:59Z", "9999-12-31T23:59:59Z"),
        ])
    func isInUTC(_ text: String, _ utc: String) { #expect(ImageMoment(text)?.description == utc) }

    @Test(
        arguments: [
            "", "now", "2026-01-31", "2026-02-29T00:00:00Z", "1900-02-29T00:00:00Z", "2026-13-01T00:00:00Z",
            "2026-00-01T00:00:00Z", "2026-01-00T00:00:00Z", "2026-01-01T24:00:00Z", "2026-01-01T00:60:00Z",
            "2026-01-01T00:00:61Z", "2026-01-01T00:00:00", "2026-01-01T00:00:00.Z", "2026-01-01T00:00:00.1234567890Z",
            "2026-01-01T00:00:00Zx", "2026-01-01T00:00:00+1:00", "26-01-01T00:00:00Z", "9999-12-31T23:59:59-01:00",
            "253402300800", "99999999999999999999",
        ])
    func isRefused(_ text: String) { #expect(ImageMoment(text) == nil) }

    /// GNU date knows the calendar too.
    @Test(arguments: [UInt64.random(in: 0...1 << 40)])
    func isWhatDateSays(_ seed: UInt64) throws {
        var random = SplitMix64(seed: seed)
        let seconds = (0..<200).map { _ in Int64.random(in: -62_167_219_200...253_402_300_799, using: &random) }
        let input = seconds.map { "@\($0)\n" }.joined()
        let script: ByteString = "printf '%s' \"$1\" | date -u -f - +%Y-%m-%dT%H:%M:%SZ"
        let said = try Command.succeed(["sh", "-c", script, "sh", ByteString(input)]).outputText.split(separator: "\n")
        #expect(said.map(String.init) == seconds.map { ImageMoment(seconds: $0)?.description ?? "" }, "seed \(seed)")
        #expect(said.map { ImageMoment(String($0))?.seconds } == seconds, "seed \(seed)")
    }
}
