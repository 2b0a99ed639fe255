import Testing

@testable import SystemCalls

@Suite struct ErrnoTests {
    @Test func hasNameAndMessage() {
        #expect(Errno.accessDenied.name == "EACCES")
        #expect(Errno.quotaExceeded.name == "EDQUOT")
        #expect(Errno.accessDenied.message == "Permission denied")
        #expect(Errno.noSpace.message == "No space left on device")
    }

    @Test(arguments: [9999, -1] as [Int32]) func numbersWithoutNameAreShown(_ number: Int32) {
        #expect(Errno(rawValue: number).name == "errno \(number)")
        #expect(!Errno(rawValue: number).message.isEmpty)
    }

    @Test func isKnownByItsNumber() {
        #expect(Errno(rawValue: 2) == .notFound)
        #expect(Set([Errno.notFound, .notFound, .exists]).count == 2)
    }
}
