import TestSupport

/// What a call left behind and said.
struct MatrixOutcome: Sendable {
    let tree: TreeSnapshot
    let status: String
    let output: String
    let errors: String
}

/// What differs between the outcomes of one case.
struct MatrixDifference: Sendable {
    let example: MatrixCase
    let version: GNUCopy.Version
    let theirs: MatrixOutcome
    let ours: MatrixOutcome
    /// As TreeSnapshot puts it, GNU's tree first.
    let tree: [String]
    /// Lines that one alone writes.
    let errors: (theirs: [String], ours: [String])
    let output: (theirs: [String], ours: [String])

    /// nil when all is the same.
    init?(
        _ example: MatrixCase, _ version: GNUCopy.Version, _ theirs: MatrixOutcome, _ ours: MatrixOutcome,
        since began: Int
    ) {
        self.example = example
        self.version = version
        self.theirs = theirs
        self.ours = ours
        tree = TreeSnapshot.difference(theirs.tree, ours.tree).filter { line in
            // When its writer comes to write is a matter of luck.
            !Self.isNow(line, since: began) && !(example.fed != nil && line.contains(": modified "))
        }
        errors =
            example.hasOwnOrder
            ? Self.unordered(Self.messages(theirs.errors), Self.messages(ours.errors))
            : Self.ordered(theirs.errors, ours.errors)
        output = Self.ordered(theirs.output, ours.output)
        let isSame = tree.isEmpty && errors == ([], []) && output == ([], []) && theirs.status == ours.status
        if isSame { return nil }
    }

    private static func ordered(_ first: String, _ second: String) -> ([String], [String]) {
        let lines = (messages(first), messages(second))
        return lines.0 == lines.1 ? ([], []) : lines
    }

    /// Lines, and questions, which end without one.
    private static func messages(_ text: String) -> [String] {
        text.split(separator: "\n").flatMap { line -> [String] in
            let parts = line.split(separator: "'? ", omittingEmptySubsequences: false)
            return parts.dropLast().map { $0 + "'? " } + (parts.last.map { $0.isEmpty ? [] : [String($0)] } ?? [])
        }
    }

    /// What is left of each when what both have is taken away.
    private static func unordered(_ first: [String], _ second: [String]) -> ([String], [String]) {
        var rest = second
        let only = first.filter { line in
            guard let index = rest.firstIndex(of: line) else { return true }
            rest.remove(at: index)
            return false
        }
        return (only, rest)
    }

    /// Both are times of the copy itself.
    private static func isNow(_ line: String, since began: Int) -> Bool {
        let words = line.split(separator: " ").suffix(4)
        guard words.count == 4, words.first == "modified" else { return false }
        let seconds = words.compactMap { $0.split(separator: ".").first.flatMap { Int($0) } }
        return seconds.count == 2 && seconds.allSatisfy { $0 >= began }
    }
}

extension MatrixDifference {
    /// The complaint about an option that ours lacks and GNU's has.
    var lack: String? {
        let signs = ["invalid option -- ", "unrecognized option "]
        let lines = ours.errors.split(separator: "\n")
        guard let line = lines.first(where: { line in signs.contains { line.contains($0) } }) else { return nil }
        return theirs.errors.contains(line) ? nil : String(line)
    }

    /// What differs in words that are the same for cases of the same kind.
    var kind: String {
        if let lack { return lack }
        let status = theirs.status == ours.status ? [] : ["status \(theirs.status) != \(ours.status)"]
        let lines =
            status + tree.prefix(2).map(Self.withoutNumbers).map { "tree: " + $0 }
            + Self.said("stderr", errors) + Self.said("stdout", output)
        return lines.joined(separator: "; ")
    }

    private static func said(_ stream: String, _ lines: (theirs: [String], ours: [String])) -> [String] {
        if lines.theirs.isEmpty && lines.ours.isEmpty { return [] }
        let first = [lines.theirs, lines.ours].map { $0.first ?? "nothing" }
        let nameless = first.map(withoutNames)
        let texts = nameless[0] == nameless[1] ? first : nameless
        return ["\(stream): \(texts[0]) != \(texts[1])"]
    }

    /// Quoted names are dots.
    private static func withoutNames(_ line: String) -> String {
        let parts = line.split(separator: "'", omittingEmptySubsequences: false)
        return parts.enumerated().map { $0.offset % 2 == 0 ? String($0.element) : "…" }.joined(separator: "'")
    }

    private static func withoutNumbers(_ line: String) -> String {
        line.split(separator: " ").map { word in
            if word.count == 32, word.allSatisfy(\.isHexDigit) { return "…" }
            guard word.contains("."), let seconds = word.split(separator: ".").first.flatMap({ Int($0) }) else {
                return String(word)
            }
            return seconds > 1_500_000_000 ? "now" : seconds > 900_000_000 ? "kept" : String(word)
        }.joined(separator: " ")
    }
}

extension MatrixCase {
    /// What is in a directory is copied by several workers, in an order of their own, unless it can be seen: then
    /// messages about it are the same in another order.
    fileprivate var hasOwnOrder: Bool {
        source.isDirectory && !["-v", "--verb", "-i", "--int"].contains { options.has($0) }
    }
}
