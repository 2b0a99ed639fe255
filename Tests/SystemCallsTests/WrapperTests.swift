import Synchronization
import TestSupport
import Testing

@testable import SystemCalls

/// Every wrapper: success, the kernel's refusal, a planned failure, and EINTR, which nobody gets to see.
@Suite(.serialized) struct WrapperTests {
    @Test(arguments: WrapperRow.all) func succeeds(_ row: WrapperRow) throws {
        let place = try WrapperPlace()
        let before = try DescriptorCount.now()
        try row.succeed(place)
        #expect(try DescriptorCount.now() == before)
    }

    @Test(arguments: WrapperRow.all.filter { $0.refusal != nil }) func throwsWhatTheKernelSays(_ row: WrapperRow) throws
    {
        let place = try WrapperPlace()
        let before = try DescriptorCount.now()
        let refusal = try #require(row.refusal)
        #expect(throws: refusal) { try row.fail(place) }
        #expect(try DescriptorCount.now() == before)
    }

    @Test(arguments: WrapperRow.all, [Errno.inputOutput, .tooManyOpen]) func throwsWhatIsPlanned(
        _ row: WrapperRow, _ errno: Errno
    ) throws {
        let place = try WrapperPlace()
        let before = try DescriptorCount.now()
        let calls = Faults.during({ _, call in call == row.call ? errno : nil }) {
            #expect(throws: errno) { try row.succeed(place) }
        }.calls
        #expect(calls > 0)
        #expect(try DescriptorCount.now() == before)
    }

    @Test(arguments: WrapperRow.all) func repeatsInterruptedCalls(_ row: WrapperRow) throws {
        let place = try WrapperPlace()
        let left = Mutex(3)
        _ = try Faults.during({ _, call in
            guard call == row.call else { return nil }
            return left.withLock { left in
                left -= 1
                return left >= 0 ? .interrupted : nil
            }
        }) { try row.succeed(place) }
        #expect(left.withLock { $0 } < 0)
    }

    /// The kernel refuses a clone where there are no reflinks; where there are, it works.
    @Test func clonesOrSaysThatItCannot() throws {
        for kind in [FileSystemKind.xfs, .ext4] {
            guard let system = try FileSystemMatrix.require(kind) else { continue }
            let scratch = try system.scratch()
            try TreeBuilder.build(at: scratch.path) { try $0.file("file", .pattern(size: 9000)) }
            let directory = try Directory.current.openDirectory(Name(Path(scratch.path.bytes)), [])
            let copy = try directory.createFile("copy", .ownerReadWrite)
            do throws(Errno) {
                try copy.clone(try directory.openFile("file", []))
                #expect(kind == .xfs)
                #expect(try copy.metadata().size == 9000)
            } catch { #expect(kind == .ext4 && error == .notSupported) }
        }
    }

    /// Linux frees the descriptor whatever close(2) answers, so it is never closed twice.
    @Test func closeReportsAndIsNotRepeated() throws {
        let place = try WrapperPlace()
        let before = try DescriptorCount.now()
        let (answer, _) = Faults.during({ _, call in call == .close ? .inputOutput : nil }) { closing(place) }
        #expect(answer == .inputOutput)
        let (second, calls) = Faults.during({ _, call in call == .close ? .interrupted : nil }) { closing(place) }
        #expect(second == nil)
        // Opened once, closed once.
        #expect(calls == 2)
        #expect(try DescriptorCount.now() == before)
    }

    private func closing(_ place: WrapperPlace) -> Errno? {
        do throws(Errno) {
            try place.directory.openFile("file", []).close()
            return nil
        } catch { return error }
    }

    @Test func descriptorsCloseThemselves() throws {
        let place = try WrapperPlace()
        let before = try DescriptorCount.now()
        do {
            let file = try place.reading()
            let folder = try place.directory.openDirectory("folder", [])
            _ = try (file.metadata().size, folder.metadata().size)
            #expect(try DescriptorCount.now() == before + 2)
        }
        #expect(try DescriptorCount.now() == before)
    }

    @Test func aLockHasOneHolder() throws {
        let place = try WrapperPlace()
        let first = try place.reading()
        let second = try place.writing()
        #expect(try first.tryLock())
        #expect(try !second.tryLock())
        try first.close()
        #expect(try second.tryLock())
    }
}
