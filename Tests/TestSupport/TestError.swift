import Glibc

/// What went wrong while a test was being prepared or observed.
public struct TestError: Error, Equatable, Sendable, CustomStringConvertible {
    /// What was being done, such as the name of a system call.
    public let operation: String
    /// The errno of the failed call, or 0 when no system call is to blame.
    public let code: Int32
    /// What it was done to; empty when it was not one file.
    public let path: ByteString

    /// Says what was being done, and why it failed if a system call told.
    public init(_ operation: String, code: Int32 = 0, path: ByteString = "") {
        self.operation = operation
        self.code = code
        self.path = path
    }

    /// One line with all of it.
    public var description: String {
        let place = path.isEmpty ? "" : " \(Self.shortened(path))"
        let reason = code == 0 ? "" : ": \(String(cString: strerror(code))) (errno \(code))"
        return operation + place + reason
    }

    /// A path beyond PATH_MAX would bury the message.
    private static func shortened(_ path: ByteString) -> String {
        guard path.bytes.count > 400 else { return path.description }
        return "\(ByteString(Array(path.bytes.prefix(100))))…\(ByteString(Array(path.bytes.suffix(200))))"
    }
}

/// Runs a system call, again after EINTR, and turns a negative result into a `TestError`.
@discardableResult
func check<Result: SignedInteger>(
    _ operation: String, _ path: @autoclosure () -> ByteString, _ call: () -> Result
) throws(TestError) -> Result {
    while true {
        let result = call()
        if result >= 0 { return result }
        let code = errno
        if code != EINTR { throw TestError(operation, code: code, path: path()) }
    }
}
