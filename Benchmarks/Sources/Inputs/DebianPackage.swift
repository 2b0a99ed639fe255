import TestSupport

/// A package of Debian, as far as a closure is concerned.
struct DebianPackage {
    let name: String
    let version: String
    let architecture: String
    /// Unpacked, in bytes, by Debian's own account.
    let size: Int
    /// What else it goes by.
    let provided: [String]
    /// All of these are needed, of each any alternative.
    let dependencies: [[String]]

    /// The file that apt keeps it in.
    var archive: String {
        let version = version.split(separator: ":").joined(separator: "%3a")
        return "\(name)_\(version)_\(architecture).deb"
    }

    /// Takes a paragraph of a `Packages` file; nil when it is none.
    init?(_ paragraph: Substring) {
        var fields: [Substring: Substring] = [:]
        for line in paragraph.split(separator: "\n") {
            let parts = line.split(separator: ":", maxSplits: 1)
            // What begins with a space goes on with the field before, which is none of those wanted here.
            if parts.count == 2 && !line.hasPrefix(" ") { fields[parts[0]] = parts[1].drop { $0 == " " } }
        }
        guard let name = fields["Package"], let version = fields["Version"], let machine = fields["Architecture"]
        else { return nil }
        (self.name, self.version, architecture) = (String(name), String(version), String(machine))
        size = fields["Installed-Size"].flatMap { Int($0) }.map { $0 << 10 } ?? 0
        provided = Self.clauses(fields["Provides"]).flatMap(\.self)
        dependencies = Self.clauses(fields["Pre-Depends"]) + Self.clauses(fields["Depends"])
    }

    /// Reads `a (>= 1), b:any | c` as `[["a"], ["b", "c"]]`.
    private static func clauses(_ text: Substring?) -> [[String]] {
        (text ?? "").split(separator: ",").map { clause in
            clause.split(separator: "|").compactMap { alternative in
                alternative.split { " :([".contains($0) }.first.map { String($0) }
            }
        }
    }
}
