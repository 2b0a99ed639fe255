import CLinux
import Glibc
import Synchronization

/// Standard output and standard error, without buffers. A reader that went away ends the output quietly.
///
/// Names and documents from outside are part of most messages. `line`, `lines` and `prompt` write an escape for each
/// character that controls a terminal, so that no message can forge another one.
package enum Console {
    package enum Stream: Int32, Sendable { case output = 1, error = 2 }

    /// The first error of each stream that accepts no more.
    private static let failures = Mutex<[Stream: Errno]>([:])

    /// Whether all output so far was written, unless the reader closed the stream.
    package static func isComplete(_ stream: Stream) -> Bool { failure(stream) == nil }

    /// Why output was lost; nil if none was, or if the reader closed the stream.
    package static func failure(_ stream: Stream) -> Errno? {
        failures.withLock { $0[stream] }.flatMap { $0 == .brokenPipe ? nil : $0 }
    }

    /// Writes bytes as they are: for text that contains nothing from outside, and for terminal control.
    ///
    /// - Returns: Whether all bytes were written, or the reader closed the stream. Standard output that is full must
    ///   show in the exit status.
    @discardableResult
    package static func writeUnescaped(_ text: some Sequence<UInt8>, to stream: Stream) -> Bool {
        let bytes = Array(text)
        return failures.withLock { failures in
            if let failure = failures[stream] { return failure == .brokenPipe }
            do throws(Errno) {
                try writeAll(bytes, to: stream)
                return true
            } catch {
                failures[stream] = error
                return error == .brokenPipe
            }
        }
    }

    /// Writes one line.
    @discardableResult
    package static func line(_ text: String, to stream: Stream) -> Bool {
        writeUnescaped((text.printable + "\n").utf8, to: stream)
    }

    /// Writes lines.
    @discardableResult
    package static func lines(_ lines: [StyledLine], to stream: Stream) -> Bool {
        var text: [UInt8] = []
        for line in lines {
            text += line.terminalText.utf8
            text.append(UInt8(ascii: "\n"))
        }
        return writeUnescaped(text, to: stream)
    }

    /// Writes lines without a style.
    @discardableResult
    package static func lines(_ lines: [String], to stream: Stream) -> Bool {
        Self.lines(lines.map { StyledLine($0) }, to: stream)
    }

    /// Writes a question; the answer is typed in the same line.
    package static func prompt(_ text: String) { writeUnescaped(text.printable.utf8, to: .error) }

    private static func writeAll(_ bytes: [UInt8], to stream: Stream) throws(Errno) {
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { Glibc.write(stream.rawValue, $0.baseAddress, $0.count) }
            if count < 0, errno != EINTR || !Interrupt.repeats(.write) { throw Errno(rawValue: errno) }
            if count > 0 { rest = rest.dropFirst(count) }
        }
    }

    /// The columns of the terminal; nil when the stream is not one.
    package static func columns(of stream: Stream) -> Int? {
        let columns = clinux_terminal_columns(stream.rawValue)
        return isatty(stream.rawValue) == 1 ? max(Int(columns), 40) : nil
    }

    /// write(2) shall answer EPIPE instead of ending the process in the middle of a copy.
    package static func ignoreBrokenPipes() { signal(SIGPIPE, SIG_IGN) }

    /// Makes write(2) fail with EFBIG at the limit of file sizes, instead of ending the process (setrlimit(2),
    /// RLIMIT_FSIZE).
    package static func ignoreFileSizeSignals() { signal(SIGXFSZ, SIG_IGN) }

    /// The next line of standard input without its newline; nil at the end, after an error, and after a signal. Reads
    /// byte by byte, so that the rest is left to the next reader.
    package static func readLine() -> [UInt8]? {
        var line: [UInt8] = []
        var byte: UInt8 = 0
        while true {
            guard let count = try? invoke(.read, { read(STDIN_FILENO, &byte, 1) }), count > 0 else {
                return line.isEmpty ? nil : line
            }
            if byte == UInt8(ascii: "\n") { return line }
            line.append(byte)
        }
    }

    /// Closes standard streams that the run does not use, so that a process that may have few descriptors can use
    /// theirs for files.
    package static func closeUnused(input: Bool, output: Bool) {
        if input { _ = close(STDIN_FILENO) }
        if output { _ = close(STDOUT_FILENO) }
    }

    /// All of standard input. Throws EFBIG if it is larger than a file may be.
    package static func readInput(atMost limit: Int = maxInputSize) throws(Errno) -> [UInt8] {
        let copy = dup(0)
        guard copy >= 0 else { throw Errno(rawValue: errno) }
        return try Descriptor(raw: copy).readToEnd(atMost: limit)
    }
}
