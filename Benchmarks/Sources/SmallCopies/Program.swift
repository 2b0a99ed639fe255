package import TestSupport

/// A way to copy, without its operands.
package struct Program: Sendable {
    package let name: String
    package let words: [ByteString]
}

/// The programs of one run, and the pairs that are judged.
package struct Programs: Sendable {
    /// All programs, repot under its own name and as `cp` first.
    package let all: [Program]
    /// Indices of `all`: a form of repot, and the form of GNU cp that it must not be slower than.
    package let pairs: [(own: Int, peer: Int)]

    /// - Parameters:
    ///   - repot: the executable.
    ///   - link: a symlink to it that is named `cp`.
    package init(repot: ByteString, link: ByteString) {
        all = [
            Program(name: "repot -R", words: [repot, "-R"]),
            Program(name: "repot as cp -R", words: [link, "-R"]),
            Program(name: "repot as cp -a", words: [link, "-a"]),
            Program(name: "cp -R", words: ["/bin/cp", "-R"]),
            Program(name: "cp -a", words: ["/bin/cp", "-a"]),
        ]
        pairs = [(0, 3), (0, 4), (1, 3), (2, 4)]
    }
}
