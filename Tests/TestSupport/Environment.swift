// The C library declares `environ` as a variable, which it is; tests do not change it once they run.
@preconcurrency import Glibc

/// The lines `NAME=value` of this process's environment.
var environmentLines: [ByteString] {
    var lines: [ByteString] = []
    var next = environ
    while let line = next.pointee {
        let characters = UnsafeBufferPointer(start: line, count: strlen(line))
        lines.append(ByteString(characters.map { UInt8(bitPattern: $0) }))
        next = next.successor()
    }
    return lines
}
