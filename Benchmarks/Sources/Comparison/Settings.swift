import Glibc
import TestSupport

/// What the command line asks for.
struct Settings {
    static let usage = """
        Usage: compare [--quick] [--repot PATH] [--only CASE]... [--rounds N] [--seed N]
                       [--json FILE] [--markdown FILE] [--thresholds FILE]
        Compares repot with its peers, and exits 1 when it is slower than thresholds.txt asks or copies wrongly.
          --quick   smaller inputs and only the cases that have a threshold: what CI runs, within three minutes
          --only    only the cases whose names begin so
        """

    var isQuick = false
    var repot: String
    var only: [String] = []
    var rounds = 5
    var seed: UInt64 = 1
    var json: String?
    var markdown: String?
    var thresholds: String

    /// Files are looked for around the folder that this program was built in.
    init(_ arguments: [String]) throws {
        let package = Self.packageFolder()
        thresholds = package + "/thresholds.txt"
        repot = package + "/../.build-static/release/repot"
        var rest = arguments[...]
        while let option = rest.popFirst() {
            if option == "--quick" {
                isQuick = true
            } else {
                guard let value = rest.popFirst() else { throw TestError("what about '\(option)'?\n\(Self.usage)") }
                try take(option, value)
            }
        }
    }

    private mutating func take(_ option: String, _ value: String) throws {
        switch option {
        case "--repot": repot = value
        case "--only": only.append(value)
        case "--rounds": rounds = try Self.number(value)
        case "--seed": seed = try UInt64(Self.number(value))
        case "--json": json = value
        case "--markdown": markdown = value
        case "--thresholds": thresholds = value
        default: throw TestError("what is '\(option)'?\n\(Self.usage)")
        }
    }

    /// Whether a case is to be run.
    func includes(_ name: String) -> Bool {
        only.isEmpty || only.contains { name.hasPrefix($0) }
    }

    private static func number(_ text: String) throws -> Int {
        guard let number = Int(text), number > 0 else { throw TestError("'\(text)' is not a positive number") }
        return number
    }

    /// The folder above this program that holds thresholds.txt; else the current one.
    private static func packageFolder() -> String {
        guard let program = realpath("/proc/self/exe", nil) else { return "." }
        defer { free(program) }
        var names = String(cString: program).split(separator: "/")
        while names.popLast() != nil {
            let folder = "/" + names.joined(separator: "/")
            if access(folder + "/thresholds.txt", R_OK) == 0 { return folder }
        }
        return "."
    }
}
