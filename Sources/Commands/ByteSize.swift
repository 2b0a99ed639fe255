/// A size as people write it: `500M`, `1.5GiB`, `200MB`. Source: GNU coreutils manual, 'Block size': K is 1024, KB is
/// 1000.
struct ByteSize {
    let bytes: UInt64

    init?(_ text: String) {
        let digits = text.prefix { $0.isNumber || $0 == "." }
        let unit = text.dropFirst(digits.count).drop { $0 == " " }.uppercased()
        guard let number = Double(digits), let factor = Self.factor(unit) else { return nil }
        let bytes = number * factor
        guard bytes.isFinite, bytes < 0x1p63 else { return nil }
        self.bytes = UInt64(bytes.rounded())
    }

    private static func factor(_ unit: String) -> Double? {
        if unit.isEmpty || unit == "B" { return 1 }
        guard let place = "KMGTP".firstIndex(of: unit.first ?? "?") else { return nil }
        let power = "KMGTP".distance(from: "KMGTP".startIndex, to: place) + 1
        let base: Double? =
            switch unit.dropFirst() {
            case "", "IB": 1024
            case "B": 1000
            default: nil
            }
        return base.map { base in (0..<power).reduce(1) { product, _ in product * base } }
    }
}
