import Dispatch
import Glibc
import Synchronization
import TestSupport
import Testing

@testable import SystemCalls
@testable import TreeCopy

/// Who makes an inode with several names, and who waits.
@Suite(.serialized) struct UnitHardLinkTests {
    private let file = FileIdentity(device: 1, inode: 2)

    private func root(_ name: String) throws -> RootTask {
        let root = CopyRoot(source: "/", directory: "/", name: Path(name), publication: .inPlace)
        return RootTask(root, into: try TargetDirectory(root), CopyOptions())
    }

    private func folder() throws -> DirectoryTask {
        DirectoryTask(parent: nil, root: try root("d"), sourceName: Name("d"), name: Name("d"), follows: false)
    }

    private func place(_ name: String) throws -> HardLinkTable.Place { .root(try root(name)) }

    private func isFirst(_ claim: HardLinkTable.Claim) -> Bool {
        if case .first = claim { true } else { false }
    }

    @Test func theFirstClaimMakesAndOthersLink() throws {
        let table = HardLinkTable()
        #expect(isFirst(table.claim(file)))
        #expect(isFirst(table.claim(FileIdentity(device: 2, inode: 2))))
        let place = try place("a")
        table.settle(file, at: place)
        guard case .made(let found) = table.claim(file) else { throw TestError("no place") }
        #expect(found.isSame(as: place))
    }

    /// Enough inodes that records, names and index grow several times, on two devices with the same numbers.
    @Test func eachOfManyInodesKeepsItsPlace() throws {
        let table = HardLinkTable()
        let folders = [try folder(), try folder()]
        let files = (0..<20_000).map { FileIdentity(device: UInt64($0 % 2), inode: UInt64($0 / 2)) }
        func place(_ index: Int) -> HardLinkTable.Place {
            .entry(of: folders[index % 2], name: Name(String(repeating: "n", count: index % 600) + "\(index)"))
        }
        for (index, file) in files.enumerated() {
            #expect(isFirst(table.claim(file)))
            table.settle(file, at: place(index))
        }
        for (index, file) in files.enumerated() {
            guard case .made(let found) = table.claim(file) else { throw TestError("no place for \(index)") }
            #expect(found.isSame(as: place(index)))
        }
    }

    @Test func aFailedMakerLeavesTheClaimOpen() {
        let table = HardLinkTable()
        #expect(isFirst(table.claim(file)))
        table.settle(file, at: nil)
        #expect(isFirst(table.claim(file)))
    }

    @Test func onlyTheKnownPlaceIsForgotten() throws {
        let table = HardLinkTable()
        let (old, new) = (try place("old"), try place("new"))
        #expect(isFirst(table.claim(file)))
        table.settle(file, at: old)
        table.forget(file, at: old)
        #expect(isFirst(table.claim(file)))
        table.forget(file, at: old)
        table.settle(file, at: new)
        table.forget(file, at: old)
        #expect(!isFirst(table.claim(file)))
    }

    /// Of many that come at once one makes it; when it fails, one of those that waited does.
    @Test func whoWaitsIsWoken() throws {
        let table = HardLinkTable()
        let makers = Atomic<Int>(0)
        let linkers = Atomic<Int>(0)
        let place = try place("a")
        watched("claims") {
            DispatchPair.run(
                (0..<12).map { _ in
                    {
                        guard case .first = table.claim(file) else {
                            return _ = linkers.add(1, ordering: .relaxed)
                        }
                        usleep(3000)
                        let number = makers.add(1, ordering: .relaxed).newValue
                        table.settle(file, at: number < 4 ? nil : place)
                    }
                })
        }
        #expect(makers.load(ordering: .relaxed) == 4)
        #expect(linkers.load(ordering: .relaxed) == 8)
    }
}
