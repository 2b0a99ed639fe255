import Glibc
import TestSupport

/// What the command line asks for.
struct Settings {
    static let usage = """
        Usage: compare [--quick] [--list] [--repot PATH] [--floor PATH] [--only CASE]... [--rounds N] [--seed N]
                       [--json FILE] [--markdown FILE] [--plots DIR] [--thresholds FILE]
               compare --sweeps [--quick] …
        Compares repot with its peers, and exits 1 when it is slower than thresholds.txt asks or copies wrongly.
          --quick   smaller inputs and only what has a gate in thresholds.txt: what CI runs, within three minutes
          --list    name the cases and who takes part, and run nothing
          --only    only the cases whose names begin so
          --rounds  how often everything is repeated; 5 unless a case has its own reason
          --plots   the folder to draw SVG files into; a full run as root has Benchmarks/Plots
          --sweeps  instead of cases: repot over the number of files and of workers
        """

    var isQuick = false
    var isList = false
    var isSweep = false
    private var givenPlots: String?
    private let package: String
    var repot: String
    /// The program beside this one, unless said otherwise.
    var floor: String
    var only: [String] = []
    var rounds = 5
    var seed: UInt64 = 1
    var json: String?
    var markdown: String?
    var thresholds: String

    /// Files are looked for around the folder that this program was built in.
    init(_ arguments: [String]) throws {
        package = Self.packageFolder()
        thresholds = package + "/thresholds.txt"
        repot = package + "/../.build/release/repot"
        floor = Self.programFolder() + "/floor"
        var rest = arguments[...]
        while let option = rest.popFirst() {
            switch option {
            case "--quick": isQuick = true
            case "--list": isList = true
            case "--sweeps": isSweep = true
            default:
                guard let value = rest.popFirst() else { throw TestError("what about '\(option)'?\n\(Self.usage)") }
                try take(option, value)
            }
        }
    }

    private mutating func take(_ option: String, _ value: String) throws {
        switch option {
        case "--repot": repot = value
        case "--floor": floor = value
        case "--only": only.append(value)
        case "--rounds": rounds = try Self.number(value)
        case "--seed": seed = try UInt64(Self.number(value))
        case "--json": json = value
        case "--markdown": markdown = value
        case "--plots": givenPlots = value
        case "--thresholds": thresholds = value
        default: throw TestError("what is '\(option)'?\n\(Self.usage)")
        }
    }

    /// Whether a case is to be run.
    func includes(_ name: String) -> Bool {
        only.isEmpty || only.contains { name.hasPrefix($0) }
    }

    /// Where to draw to; only a full run on real file systems has the figures that belong into the repository.
    func plots(isMounted: Bool) -> String? {
        givenPlots ?? (isQuick || !only.isEmpty || !isMounted ? nil : package + "/Plots")
    }

    private static func number(_ text: String) throws -> Int {
        guard let number = Int(text), number > 0 else { throw TestError("'\(text)' is not a positive number") }
        return number
    }

    /// The folder above this program that holds thresholds.txt; else the current one.
    private static func packageFolder() -> String {
        var names = programFolder().split(separator: "/")
        while !names.isEmpty {
            let folder = "/" + names.joined(separator: "/")
            if access(folder + "/thresholds.txt", R_OK) == 0 { return folder }
            names.removeLast()
        }
        return "."
    }

    private static func programFolder() -> String {
        guard let program = realpath("/proc/self/exe", nil) else { return "." }
        defer { free(program) }
        return "/" + String(cString: program).split(separator: "/").dropLast().joined(separator: "/")
    }
}
