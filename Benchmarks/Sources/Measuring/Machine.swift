import Glibc

/// The machine that the figures belong to.
package struct Machine {
    package let kernel: String
    package let architecture: String
    package let cores: Int
    package let processor: String
    /// In bytes.
    package let memory: Int

    package init() {
        var names = utsname()
        uname(&names)
        kernel = Self.text(&names.release)
        architecture = Self.text(&names.machine)
        cores = sysconf(Int32(_SC_NPROCESSORS_ONLN))
        processor = Self.value(of: "model name", in: "/proc/cpuinfo") ?? "an unnamed processor"
        memory = Self.bytes("MemTotal")
    }

    /// One line.
    package var description: String {
        "\(cores) cores of \(processor) (\(architecture)), \(memory >> 30) GiB, Linux \(kernel)"
    }

    /// What could be had without swapping.
    package static var availableMemory: Int { bytes("MemAvailable") }

    private static func bytes(_ name: String) -> Int {
        let digits = value(of: name, in: "/proc/meminfo")?.split(separator: " ").first
        return (digits.flatMap { Int($0) } ?? 0) << 10
    }

    /// The value of the first line `name : value`.
    private static func value(of name: String, in path: String) -> String? {
        for line in (TextFile.read(path) ?? "").split(separator: "\n") where line.hasPrefix(name) {
            let parts = line.split(separator: ":", maxSplits: 1)
            if parts.count == 2 { return String(parts[1].drop { $0 == " " || $0 == "\t" }) }
        }
        return nil
    }

    private static func text<Characters>(_ characters: inout Characters) -> String {
        withUnsafeBytes(of: &characters) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
    }
}
