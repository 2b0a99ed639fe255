import Glibc
import SystemCalls
import TestSupport
import Testing

/// Gives a parser its corpus, and then changed inputs from a fixed seed. `Tests/README.md` describes its settings.
///
/// The parser runs in the process of the test. Each input is in a file before it is parsed, so that the file is left
/// with the input that has ended the process.
struct Fuzzer {
    /// The result of a parser: inputs with new results are changed further.
    typealias Outcome = String

    static let corpus = Path("\(#filePath)").parent.appending("Corpus")
    private static let maxSeconds = 1.0
    private static let maxGrowth = 256 << 20
    /// The most that a parser may take for one input, if it does not end.
    private static let hangSeconds: UInt32 = 60

    let name: String
    private let seconds: Double
    private let seed: UInt64
    private let current: CurrentInput

    /// Creates a fuzzer whose corpus is the directory of this name.
    init(_ name: String) throws {
        self.name = name
        seconds = Self.setting("REPOT_FUZZ_SECONDS").flatMap { Double($0) } ?? 3
        let number = Self.setting("REPOT_FUZZ_SEED").flatMap { UInt64($0) } ?? 18
        seed = name.utf8.reduce(number &* 0x9e37_79b9) { ($0 ^ UInt64($1)) &* 0x100_0000_01b3 }
        current = try CurrentInput(name)
    }

    private static func setting(_ name: ByteString) -> String? {
        Command.inheritedEnvironment[name].map { String(decoding: $0.bytes, as: UTF8.self) }
    }

    /// Runs the parser until the time is over.
    ///
    /// - Parameters:
    ///   - seeds: valid inputs, beside those of the corpus.
    ///   - tokens: words and characters of the format.
    ///   - finish: a change to each input, such as a correct checksum.
    ///   - parse: the parser. It records an issue if its result is wrong.
    func run(
        seeds: [String] = [], tokens: [String] = [],
        finish: ([UInt8], inout Mutator) -> [UInt8] = { input, _ in input },
        _ parse: ([UInt8]) throws -> Outcome
    ) throws {
        var inputs = try corpus() + seeds.map { Array($0.utf8) }
        var mutator = Mutator(seed: seed, tokens: tokens)
        var outcomes: Set<Outcome> = []
        try MemoryPeak.reset()
        let memory = try MemoryPeak.current()
        for input in inputs { outcomes.insert(try attempt(input, parse)) }
        var tries = inputs.count
        let end = monotonicNanoseconds() + UInt64(seconds * 1e9)
        while monotonicNanoseconds() < end {
            let input = finish(mutator.change(oneOf: inputs), &mutator)
            tries += 1
            if outcomes.insert(try attempt(input, parse)).inserted, inputs.count < 1000 { inputs.append(input) }
        }
        alarm(0)
        let growth = try MemoryPeak.current() - memory
        #expect(growth < Self.maxGrowth, "\(name): \(growth >> 20) MiB of memory")
        print("fuzz \(name): \(tries) inputs, \(outcomes.count) outcomes, \(growth >> 20) MiB")
    }

    /// The inputs in the order of their names.
    private func corpus() throws -> [[UInt8]] {
        let directory = Self.corpus.appending(Path(name))
        guard let opened = try? Directory.current.openDirectory(Name(directory)) else { return [] }
        var names: [Name] = []
        var entries = DirectoryEntries(capacity: 32768)
        while try entries.read(from: opened) { entries.forEach { names.append($0.name) } }
        return try names.sorted().map { try opened.openFile($0).readToEnd() }
    }

    private func attempt(_ input: [UInt8], _ parse: ([UInt8]) throws -> Outcome) throws -> Outcome {
        current.store(input)
        alarm(Self.hangSeconds)
        let begin = clock()
        let outcome = try parse(input)
        let seconds = Double(clock() - begin) / Double(CLOCKS_PER_SEC)
        if seconds > Self.maxSeconds {
            Issue.record("\(name): \(seconds) s of CPU time for \(try current.keep("slow"))")
        }
        return Self.shape(outcome)
    }

    /// Keeps an input whose result is wrong, and returns the name of the file.
    func keepInput() throws -> String { try current.keep("wrong") }

    /// The result without what stems from the input: quoted text and numbers.
    private static func shape(_ outcome: Outcome) -> Outcome {
        var isQuoted = false
        let letters = outcome.utf8.prefix(4096).filter { byte in
            if byte == UInt8(ascii: "'") || byte == UInt8(ascii: "\"") { isQuoted.toggle() }
            return !isQuoted && !(UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
        }
        return String(decoding: letters.prefix(160), as: UTF8.self)
    }
}

/// The peak of the memory of this process.
enum MemoryPeak {
    /// Makes the present size the peak. Source: proc_pid_clear_refs(5).
    static func reset() throws {
        let file = open("/proc/self/clear_refs", O_WRONLY)
        _ = write(file, "5", 1)
        close(file)
    }

    static func current() throws -> Int {
        let status = String(decoding: try readSmallFile("/proc/self/status"), as: UTF8.self)
        let line = status.split(separator: "\n").first { $0.hasPrefix("VmHWM:") }
        return 1024 * (line.flatMap { Int($0.filter(\.isNumber)) } ?? 0)
    }
}

/// A file that holds the input of the parser, so that the input is known if the process ends.
final class CurrentInput {
    private let path: ByteString
    private let file: Int32
    private var copies = 0

    init(_ name: String) throws {
        let directory = ByteString(ProcessState.temporaryFolder.bytes) / "repot-fuzz"
        try? Directory.current.makeDirectory(Name(directory.bytes), FileMode(rawValue: 0o755))
        path = directory / ByteString(name)
        file = open(String(decoding: path.bytes, as: UTF8.self), O_RDWR | O_CREAT | O_CLOEXEC, 0o644)
        try #require(file >= 0)
    }

    deinit {
        close(file)
        unlink(String(decoding: path.bytes, as: UTF8.self))
    }

    func store(_ input: [UInt8]) {
        ftruncate(file, input.count)
        _ = input.withUnsafeBytes { pwrite(file, $0.baseAddress, $0.count, 0) }
    }

    /// Copies the input to another file, and returns its name.
    func keep(_ reason: String) throws -> String {
        copies += 1
        let copy = path + ByteString("-\(reason)-\(copies)")
        try Command.succeed(["cp", path, copy])
        return String(decoding: copy.bytes, as: UTF8.self)
    }
}

extension Path {
    init(_ path: ByteString) { self.init(path.bytes) }
}

/// A file that a parser reads by its name.
struct InputFile {
    let path: Path

    init(_ path: ByteString) { self.path = Path(path) }

    func write(_ content: [UInt8]) throws {
        let file = open("\(path)", O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o644)
        try #require(file >= 0)
        defer { close(file) }
        let count = content.withUnsafeBytes { Glibc.write(file, $0.baseAddress, $0.count) }
        try #require(count == content.count)
    }

    func remove() { unlink("\(path)") }
}
