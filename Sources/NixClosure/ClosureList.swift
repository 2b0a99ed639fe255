public import SystemCalls

/// A closure that somebody wrote down: a store path a line.
public struct ClosureList: Sendable {
    /// The store paths in the order of the list.
    public let storePaths: [StorePath]

    /// Reads a file, or standard input for `-`.
    public init(reading path: Path, _ store: Store) throws(ClosureError) {
        let isInput = path == "-"
        let content: [UInt8]
        do throws(Errno) {
            content = isInput ? try Console.readInput() : try Directory.current.readInput(Name(path))
        } catch {
            throw .failed("cannot read the closure", path, error)
        }
        let name: Path = isInput ? "standard input" : path
        storePaths = try Self.parse(content, name: name, store)
        guard !storePaths.isEmpty else {
            throw ClosureError(path, "\(name) names no store path: one a line is expected")
        }
    }

    /// Store paths one a line; blank lines and white space around them do not count.
    static func parse(_ content: [UInt8], name: Path, _ store: Store) throws(ClosureError) -> [StorePath] {
        var found: [StorePath] = []
        let lines = content.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
        for (index, line) in lines.enumerated() {
            let text = Path(trimmed(line))
            if text.bytes.isEmpty { continue }
            guard text.parent == store.directory, let storePath = StorePath(baseName: text.lastComponent) else {
                throw ClosureError(
                    name, "\(name), line \(index + 1): '\(text)' is no store path in \(store.directory)")
            }
            found.append(storePath)
        }
        return found
    }

    private static func trimmed(_ line: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
        let isSpace: (UInt8) -> Bool = {
            $0 == UInt8(ascii: " ") || $0 == UInt8(ascii: "\t") || $0 == UInt8(ascii: "\r")
        }
        let start = line.drop(while: isSpace)
        return start[..<(start.lastIndex { !isSpace($0) }.map { $0 + 1 } ?? start.startIndex)]
    }
}
