import Glibc

/// The output of a running program, and its messages, which are printed line by line with escapes.
struct ProgramOutput: ~Copyable {
    private let output: Descriptor
    private let messages: Descriptor
    private var bytes: [UInt8] = []
    private var line: [UInt8] = []
    private var chunk = [UInt8](repeating: 0, count: 65536)

    init(_ output: consuming Descriptor, messages: consuming Descriptor) {
        self.output = output
        self.messages = messages
    }

    /// Reads until the program has closed its output and ended. Programs that it has left behind may keep its standard
    /// error open.
    mutating func read(_ hasEnded: () throws(Errno) -> Bool) throws(Errno) -> [UInt8] {
        var streams = [
            pollfd(fd: output.raw, events: Int16(POLLIN), revents: 0),
            pollfd(fd: messages.raw, events: Int16(POLLIN), revents: 0),
        ]
        var isOver = false
        while true {
            let isOpen = streams[0].fd >= 0
            if !isOpen, !isOver { isOver = try hasEnded() }
            try invoke(.read) { poll(&streams, 2, isOpen ? -1 : isOver ? 0 : 20) }
            if streams[1].fd >= 0, streams[1].revents != 0, try !readMessages() { streams[1].fd = -1 }
            if isOpen, streams[0].revents != 0, try !readOutput() { streams[0].fd = -1 }
            if isOver, streams[1].fd < 0 || streams[1].revents == 0 { break }
        }
        if !line.isEmpty { printLine() }
        return bytes
    }

    /// Returns false at the end.
    private mutating func readOutput() throws(Errno) -> Bool {
        let count = try Self.read(output, &chunk)
        if count > maxInputSize - bytes.count { throw .tooBig }
        bytes += chunk[..<count]
        return count > 0
    }

    /// Returns false at the end.
    private mutating func readMessages() throws(Errno) -> Bool {
        let count = try Self.read(messages, &chunk)
        for byte in chunk[..<count] {
            if byte == UInt8(ascii: "\n") || line.count == chunk.count { printLine() }
            if byte != UInt8(ascii: "\n") { line.append(byte == UInt8(ascii: "\t") ? UInt8(ascii: " ") : byte) }
        }
        return count > 0
    }

    private mutating func printLine() {
        Console.line(String(decoding: line, as: UTF8.self), to: .error)
        line = []
    }

    private static func read(_ file: borrowing Descriptor, _ chunk: inout [UInt8]) throws(Errno) -> Int {
        let raw = file.raw
        let count = chunk.count
        return try invoke(.read) { Glibc.read(raw, &chunk, count) }
    }
}
