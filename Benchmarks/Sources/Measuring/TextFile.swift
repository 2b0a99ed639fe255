import Glibc
import TestSupport

/// Small files as a whole.
package enum TextFile {
    /// Nil when there is no such file.
    package static func read(_ path: String) -> String? {
        guard let file = fopen(path, "r") else { return nil }
        defer { fclose(file) }
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 65536)
        while case let count = fread(&buffer, 1, buffer.count, file), count > 0 { bytes += buffer.prefix(count) }
        return String(decoding: bytes, as: UTF8.self)
    }

    /// Replaces what was there.
    package static func write(_ text: String, to path: String) throws {
        guard let file = fopen(path, "w") else { throw failure("create", path) }
        let isWritten = fputs(text, file) >= 0
        guard fclose(file) == 0 && isWritten else { throw failure("write", path) }
    }

    private static func failure(_ operation: String, _ path: String) -> TestError {
        TestError(operation, code: errno, path: ByteString(path))
    }
}
