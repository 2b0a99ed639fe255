import Glibc
import TestSupport

/// What else uses the machine while a program is being measured.
struct Surroundings {
    /// Seconds of processor time since the machine started: of all, and of the kernel's own threads.
    private let all: Double
    private let kernel: Double

    /// As they are now.
    init() {
        let ticks = Double(sysconf(Int32(_SC_CLK_TCK)))
        all = Self.busyTicks() / ticks
        kernel = Self.kernelTicks() / ticks
    }

    /// How much processor time others took since `start`, while a program of our own took `own` of it. The
    /// kernel's threads count as nobody's: they write back what the program wrote.
    func foreignSeconds(since start: Surroundings, own: Double) -> Double {
        max(0, all - start.all - (kernel - start.kernel) - own)
    }

    /// User, nice, system and stolen time of all processors.
    private static func busyTicks() -> Double {
        let line = TextFile.read("/proc/stat")?.split(separator: "\n").first ?? ""
        let columns = line.split(separator: " ").map { Double($0) ?? 0 }
        return columns.count > 8 ? columns[1] + columns[2] + columns[3] + columns[8] : 0
    }

    /// The processor time of kthreadd's children; kthreadd is process 2.
    private static func kernelTicks() -> Double {
        guard let folder = opendir("/proc") else { return 0 }
        defer { closedir(folder) }
        var sum = 0.0
        while let entry = readdir(folder) {
            let name = withUnsafeBytes(of: &entry.pointee.d_name) { bytes in
                String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
            }
            guard let id = Int(name), let status = TextFile.read("/proc/\(id)/stat") else { continue }
            sum += kernelTicks(status)
        }
        return sum
    }

    /// Nothing for an ordinary process. The name in brackets may hold anything: the fields are those after it.
    private static func kernelTicks(_ status: String) -> Double {
        guard let bracket = status.lastIndex(of: ")") else { return 0 }
        let fields = status[bracket...].split(separator: " ")
        guard fields.count > 13, fields[2] == "2" else { return 0 }
        return (Double(fields[12]) ?? 0) + (Double(fields[13]) ?? 0)
    }
}

/// Memory as a machine that has been running for a while has it.
package enum Memory {
    /// Takes some and gives it back, for whoever comes next.
    ///
    /// A virtual machine returns memory that is free for some seconds to its host, and touching it again costs
    /// up to ten times as much: it is chance who pays for that, unless it was paid before. Every two seconds it
    /// returns a sixteenth of what is free, beginning with what was freed last, so there must be more than that.
    package static func warm(_ bytes: Int) {
        let available = Machine.availableMemory
        let bytes = min(bytes + available / 12, available / 2)
        guard let memory = mmap(nil, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0),
            memory != MAP_FAILED
        else { return }
        // Faster, where it can be had; and freed as a whole, it is what is used next.
        madvise(memory, bytes, MADV_HUGEPAGE)
        for offset in stride(from: 0, to: bytes, by: 4096) {
            memory.storeBytes(of: 1, toByteOffset: offset, as: UInt8.self)
        }
        munmap(memory, bytes)
        forgetPeak()
    }

    /// malloc_trim(3), which the Glibc module leaves out: gives back what was freed.
    private static let trim = dlsym(nil, "malloc_trim").map {
        unsafeBitCast($0, to: (@convention(c) (Int) -> Int32).self)
    }

    /// Makes the most that this process had what it has now. A program that it spawns begins with it, for until
    /// exec(2) they share their memory, and its own peak would not show.
    private static func forgetPeak() {
        _ = trim?(0)
        // Where the kernel was built without it, peaks are too high, and never too low.
        try? TextFile.write("5", to: "/proc/self/clear_refs")
    }
}
