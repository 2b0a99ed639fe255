import CLinux
import Glibc

extension Directory {
    /// All of a file that the user names for its content. A FIFO is waited for, as `<(command)` in a shell is
    /// one: that is why this does not open as `openFile` does.
    ///
    /// It is refused with EFBIG where it has more than a gibibyte: nothing that is read as a whole has.
    package func readInput(_ name: Name) throws(Errno) -> [UInt8] {
        let flags = O_RDONLY | O_NOCTTY | O_CLOEXEC
        let file = Descriptor(raw: Int32(try invoke(.open) { Int(clinux_openat(raw, name.cString, flags, 0)) }))
        return try file.readToEnd(atMost: 1 << 30)
    }
}
