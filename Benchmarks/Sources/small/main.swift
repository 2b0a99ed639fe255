@preconcurrency import Glibc
import Measuring
import SmallCopies
import TestSupport

/// The options of the command line.
struct Settings {
    static let usage = """
        Usage: small [--repot PATH] [--directory DIR] [--samples N] [--only NAME]...
        Compares copies of small inputs with cp -R and cp -a, and exits 1 when repot takes longer.
          --directory  where to copy: /dev/shm by default
          --samples    how often each program is measured: 9 by default
          --only       only the workloads whose names begin with NAME
        """

    var repot: ByteString = "repot"
    var directory: ByteString = "/dev/shm"
    var samples = 9
    var only: [String] = []

    init(_ arguments: [String]) throws {
        var rest = arguments[...]
        while let option = rest.popFirst() {
            guard let value = rest.popFirst() else { throw TestError("no value for '\(option)'\n\(Self.usage)") }
            switch option {
            case "--repot": repot = ByteString(value)
            case "--directory": directory = ByteString(value)
            case "--samples":
                guard let number = Int(value), number > 0 else { throw TestError("invalid number '\(value)'") }
                samples = number
            case "--only": only.append(value)
            default: throw TestError("unknown option '\(option)'\n\(Self.usage)")
            }
        }
    }

    func includes(_ name: String) -> Bool { only.isEmpty || only.contains(where: name.hasPrefix) }
}

/// Prints the table and the complaints, and returns whether there are none.
func compare(_ settings: Settings) throws -> Bool {
    let scratch = try Scratch(in: settings.directory)
    let link = scratch.path / "cp"
    try Command.succeed(["ln", "-s", settings.repot, link])
    let programs = Programs(repot: settings.repot, link: link)
    var comparison = try SmallComparison(programs, in: scratch.path, samples: settings.samples)
    var results: [SmallResult] = []
    for workload in SmallWorkload.all where settings.includes(workload.name) {
        results.append(try comparison.run(workload))
    }
    print(Machine().description, "times in ms, and ratios of times", "", separator: "\n")
    print(Table(SmallResult.header(programs), results.map(\.row)).text)
    let complaints = results.compactMap(\.complaint)
    for complaint in complaints { print(complaint) }
    return complaints.isEmpty
}

setvbuf(stdout, nil, _IOLBF, 0)
umask(0o022)
do {
    exit(try compare(Settings(Array(CommandLine.arguments.dropFirst()))) ? 0 : 1)
} catch {
    fputs("small: \(error)\n", stderr)
    exit(2)
}
