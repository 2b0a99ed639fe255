import Glibc

/// A shell pattern for one name: `*`, `?`, `[…]`, and a backslash before what is meant as it is.
package struct NamePattern: Hashable, Sendable {
    private let pattern: Name

    package init(_ pattern: Path) { self.pattern = Name(pattern) }

    /// fnmatch(3) without flags: a dot at the beginning is like any other character, and a pattern that is
    /// not well formed matches only itself.
    package func matches(_ name: Name) -> Bool { fnmatch(pattern.cString, name.cString, 0) == 0 }
}
