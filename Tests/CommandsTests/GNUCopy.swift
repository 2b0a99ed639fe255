import SystemCalls
import TestSupport

/// GNU cp of one version, with which repot is compared.
struct GNUCopy: Sendable, CustomStringConvertible {
    let version: Version
    /// The words with which a shell replaces itself by this cp, under the name cp.
    let command: String

    var description: String { "GNU cp \(version)" }

    /// A release of coreutils.
    struct Version: Hashable, Comparable, Sendable, CustomStringConvertible {
        let minor: Int

        var description: String { "9.\(minor)" }

        static func < (a: Version, b: Version) -> Bool { a.minor < b.minor }

        init(_ minor: Int) { self.minor = minor }

        /// Returns nil if the text is not a release of coreutils 9.
        init?(_ text: some StringProtocol) {
            let parts = text.split(separator: ".")
            guard parts.count == 2, parts[0] == "9", let minor = Int(parts[1]) else { return nil }
            self.minor = minor
        }
    }
}

extension GNUCopy {
    /// The versions whose differences are declared: those of Debian 12, 13 and testing.
    static let knownVersions: [Version] = [Version(1), Version(7), Version(10)]

    /// The versions that can be run here, the newest last: the machine's own and those that `Tests/Scripts/gnu-cp.sh`
    /// unpacked into the directory `REPOT_GNU_CP`.
    static let available: [GNUCopy] = (unpacked + [installed].compactMap { $0 })
        .filter { knownVersions.contains($0.version) }.sorted { $0.version < $1.version }

    /// The newest known version, whose messages repot has. Reports a skip and returns nil where only older ones can be
    /// run.
    static func newest() -> GNUCopy? {
        let newest = available.last { $0.version == knownVersions.last }
        if newest == nil { print("skipped: REPOT_GNU_CP has no \(knownVersions.last.map(\.description) ?? "")") }
        return newest
    }

    /// The known versions that cannot be run here, the machine's own aside, and those that Debian testing replaced by
    /// a newer one.
    static var missing: [Version] {
        knownVersions.dropFirst().filter { version in
            let isReplaced = version == knownVersions.last && testing.map { version < $0 } == true
            return !available.contains { $0.version == version } && !isReplaced
        }
    }

    /// The version that Debian testing has.
    private static var testing: Version? {
        guard let directory = environment("REPOT_GNU_CP"),
            let bytes = try? readSmallFile(Path("\(directory)/testing/version"))
        else { return nil }
        return Version(String(decoding: bytes, as: UTF8.self).split(separator: "\n").first ?? "")
    }

    private static var installed: GNUCopy? {
        let text = try? Command(["/bin/cp", "--version"]).run().outputText
        guard let word = text?.split(separator: "\n").first?.split(separator: " ").last, let version = Version(word)
        else { return nil }
        return GNUCopy(version: version, command: "exec -a cp /bin/cp")
    }

    private static var unpacked: [GNUCopy] {
        guard let directory = environment("REPOT_GNU_CP") else { return [] }
        return knownVersions.dropFirst().compactMap { version in
            let path = Path("\(directory)/\(version)/command")
            guard let bytes = try? readSmallFile(path), !bytes.isEmpty else { return nil }
            return GNUCopy(version: version, command: "exec " + String(decoding: bytes, as: UTF8.self))
        }
    }
}
