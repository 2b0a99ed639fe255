import Dispatch
import Synchronization
import TestSupport

/// Small regular files of pseudo-random bytes, a million of them in well under a minute: written by all
/// processors, with three system calls a file.
struct Undergrowth {
    /// How many there are.
    let count: Int
    /// How many each folder has; the last may have fewer.
    let perFolder: Int
    /// From the smallest to the largest; all sizes are as frequent.
    let sizes: ClosedRange<Int>

    private static let foldersPerFolder = 16
    /// What a thread takes at a time.
    private static let batch = 1000

    var folders: Int { (count + perFolder - 1) / perFolder }
    /// On a disk, in whole blocks.
    var footprint: Int { (count + folders) << 12 }

    /// Where a file is, relative to the whole.
    func path(_ file: Int) -> ByteString {
        let name = Self.name(file)
        let folder = folder(file / perFolder)
        return folder == "" ? name : folder / name
    }

    /// Each folder holds sixteen others; the first is the whole.
    func folder(_ number: Int) -> ByteString {
        var names: [ByteString] = []
        var number = number
        while number > 0 {
            names.append("folder-\(number)")
            number = (number - 1) / Self.foldersPerFolder
        }
        return names.reversed().reduce("") { $0 / $1 }
    }

    private static func name(_ file: Int) -> ByteString { "file-\(file)" }

    /// Grows it at `path`, where nothing is yet.
    func grow(at path: ByteString) throws {
        for number in 0..<max(1, folders) { try OpenFolder.make(path / folder(number)) }
        let failure = Mutex<TestError?>(nil)
        DispatchQueue.concurrentPerform(iterations: (count + Self.batch - 1) / Self.batch) { index in
            let files = index * Self.batch..<min(count, (index + 1) * Self.batch)
            do throws(TestError) { try write(files, at: path) } catch { failure.withLock { $0 = error } }
        }
        if let error = failure.withLock(\.self) { throw error }
    }

    private func write(_ files: Range<Int>, at path: ByteString) throws(TestError) {
        var next = files.lowerBound
        while next < files.upperBound {
            let number = next / perFolder
            let end = min(files.upperBound, (number + 1) * perFolder)
            let folder = try OpenFolder(path / folder(number))
            for file in next..<end {
                var random = SplitMix64(seed: UInt64(file))
                try folder.file(Self.name(file), random.bytes(random.number(in: sizes)))
            }
            next = end
        }
    }
}
