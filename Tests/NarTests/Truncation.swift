import Glibc

/// truncate(2).
func setSize(_ path: String, _ size: Int) { truncate(path, size) }
