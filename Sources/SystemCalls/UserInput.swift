import CLinux
import Glibc

/// The largest document that is read from a file or from standard input.
package let maxInputSize = 256 << 20

extension Directory {
    /// All of a file that the user names for its content. A FIFO is waited for, as `<(command)` in a shell is
    /// one: that is why this does not open as `openFile` does.
    ///
    /// Throws EFBIG for a larger file. Closures have the largest documents: 150 MB for 100,000 store paths as JSON.
    package func readInput(_ name: Name, atMost limit: Int = maxInputSize) throws(Errno) -> [UInt8] {
        let flags = O_RDONLY | O_NOCTTY | O_CLOEXEC
        let file = Descriptor(raw: Int32(try invoke(.open) { Int(clinux_openat(raw, name.cString, flags, 0)) }))
        return try file.readToEnd(atMost: limit)
    }
}
