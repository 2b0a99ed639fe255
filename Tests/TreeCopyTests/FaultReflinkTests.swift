import SystemCalls
import TestSupport
import Testing
import TreeCopy

/// The fault loop where files are cloned and where a disk lies below.
@Suite(.serialized) struct FaultReflinkTests {
    @Test(arguments: [FileSystemKind.xfs, .btrfs], FaultSpan.allCases)
    func anyCallMayFail(_ kind: FileSystemKind, _ span: FaultSpan) throws {
        guard let system = try FileSystemMatrix.require(kind) else { return }
        for errno in [Errno.inputOutput, .noSpace] {
            let row = FaultRow(errno: errno, span: span, publication: .whole, strategy: .reflink)
            let calls = try FaultTrial(try FaultFixture(in: system.path), row).run()
            #expect(calls > 60, "the loop saw \(calls) calls only")
        }
    }
}
