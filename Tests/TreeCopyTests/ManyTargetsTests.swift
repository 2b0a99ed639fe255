import Synchronization
import SystemCalls
import TestSupport
import Testing

@testable import TreeCopy

/// Roots with a target each, more of them than are open at a time, and all of them names of one file.
@Suite struct ManyTargetsTests {
    private static let count = OpenTargets.most + 6
    private let scratch: Scratch

    init() throws {
        scratch = try Scratch()
        try TreeBuilder.build(at: scratch.path) { tree in
            try tree.file("source/0", .text("x"))
            for index in 1...Self.count { try tree.hardLink("source/\(index)", to: "source/0") }
            for index in 0..<Self.count { try tree.directory("to/\(index)") }
        }
    }

    private func root(_ index: Int, into target: Int) -> CopyRoot {
        CopyRoot(
            source: Path(scratch / "source/\(index)"), directory: Path(scratch / "to/\(target)"),
            name: Path("\(index)"),
            publication: .inPlace)
    }

    private var roots: [CopyRoot] { (0..<Self.count).map { root($0, into: $0) } }

    /// `disturb` is called once the first target is closed.
    private func copy(_ roots: [CopyRoot], _ disturb: @escaping @Sendable () -> Void = {}) -> CopyReport {
        var request = CopyRequest(roots: roots, options: CopyOptions())
        request.isOrdered = true
        let made = Atomic<Int>(0)
        request.onEvent = { event in
            guard case .made = event else { return }
            if made.add(1, ordering: .relaxed).newValue == OpenTargets.most + 2 { disturb() }
        }
        return CopyEngine(request).copy()
    }

    private func shell(_ script: String) -> @Sendable () -> Void {
        let folder = scratch / "to"
        return {
            do { try Command.succeed(["/bin/sh", "-c", ByteString(script)], directory: folder) } catch {
                Issue.record(error)
            }
        }
    }

    private func links(of index: Int, in target: Int) throws -> UInt32 {
        try metadata(scratch / "to/\(target)/\(index)").links
    }

    @Test func aClosedTargetIsOpenedAgain() throws {
        let before = try links(of: 0)
        let report = copy(roots + [root(Self.count, into: 0)])
        #expect(report.errors == [])
        #expect(try links(of: Self.count, in: 0) == before)
    }

    private func links(of index: Int) throws -> UInt32 { try metadata(scratch / "source/\(index)").links }

    /// Neither a link to another's file nor a file in another's folder.
    @Test func aReplacedTargetIsAnError() throws {
        let report = copy(
            roots + [root(Self.count, into: 0)], shell("mv 0 moved && mkdir 0 && echo foreign > 0/0"))
        #expect(report.errorCount == 6)
        for error in report.errors {
            guard case .changed = error.reason else { throw TestError("\(error)") }
        }
        #expect(try links(of: 0, in: 0) == 1)
        #expect(try Command.succeed(["ls", scratch / "to/0"]).outputText == "0\n")
        #expect(try Command.succeed(["find", scratch / "to", "-name", "\(Self.count)"]).outputText == "")
    }

    /// The copy is gone, and another is made.
    @Test func aRemovedTargetIsForgotten() throws {
        let report = copy(roots, shell("rm -r 0"))
        #expect(report.errors == [])
        #expect(try links(of: Self.count - 1, in: Self.count - 1) == 5)
    }

    /// The lock of the first root's temporary name is not removed after the second has given the target its time.
    @Test func aTargetThatIsMergedIntoKeepsItsTime() throws {
        let target = Path(scratch / "to/0")
        let source = Path(scratch / "source")
        let roots = [
            CopyRoot(source: source, directory: target, name: "folder", publication: .whenDone),
            CopyRoot(source: source, directory: target, name: ".", publication: .inPlace),
        ]
        #expect(copy(roots).errors == [])
        #expect(try metadata(scratch / "to/0").modified == metadata(scratch / "source").modified)
    }

    /// Its path may lead anywhere.
    @Test func whatTheCallerHoldsOpenIsNeverOpenedAgain() throws {
        var roots = roots
        roots[0].openDirectory = try Directory.current.openDirectory(Name(roots[0].directory), [])
        shell("mv 0 moved && mkdir 0 && echo foreign > 0/0")()
        let report = copy(roots)
        #expect(report.errors == [])
        #expect(try metadata(scratch / "to/moved/0").links == UInt32(Self.count))
        #expect(try links(of: 0, in: 0) == 1)
    }
}
