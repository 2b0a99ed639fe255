import SystemCalls

/// The command that the words of a command line name.
enum Invocation: Equatable {
    /// The commands that ArgumentParser parses. Their types are not consulted here: to build the command tree takes
    /// longer than to copy a few files.
    static let commands = ["closure", "stage", "tar", "image", "docker-build", "verify"]
    /// Options that ArgumentParser handles if they come first. The last two generate the completions and the manual.
    private static let otherOptions = [
        "--help", "-h", "--version", "--generate-completion-script", "--experimental-dump-help",
    ]

    /// cp, and the number of words between the program's name and its options.
    case copy(CopyPersonality, dropping: Int)
    /// A first word that resembles a command and is not the name of a file.
    case unknown(String, suggestion: String)
    /// The words for ArgumentParser.
    case other([String])

    /// `cp` is meant if the program has this name, and if the first word is no other command, so that a script
    /// changes by one word.
    init(_ arguments: [Path]) {
        let program = arguments.first?.lastComponent ?? "repot"
        let word = arguments.count > 1 ? arguments[1].description : nil
        if program == "cp" {
            self = .copy(.gnu, dropping: 0)
        } else if word == "cp" {
            self = .copy(.repot, dropping: 1)
        } else if let word, !Self.isForArgumentParser(word) {
            let suggestion = Self.suggestion(for: word)
            self = suggestion.map { .unknown(word, suggestion: $0) } ?? .copy(.repot, dropping: 0)
        } else {
            self = .other(arguments.dropFirst().map(\.description))
        }
    }

    private static func isForArgumentParser(_ word: String) -> Bool {
        word.hasPrefix("-") ? otherOptions.contains(word) : word == "help" || commands.contains(word)
    }

    /// The command that the word was probably meant to be. Returns nil for options, for names of existing files, and
    /// for words that resemble no command.
    private static func suggestion(for word: String) -> String? {
        guard !word.isEmpty, !word.hasPrefix("-"), !word.contains("/") else { return nil }
        let candidates = (commands + ["cp", "help"]).compactMap { command in
            distance(word, command).map { (command: command, distance: $0) }
        }
        guard let nearest = candidates.min(by: { $0.distance < $1.distance }), !exists(Path(word)) else { return nil }
        return nearest.command
    }

    private static func exists(_ path: Path) -> Bool {
        do throws(Errno) {
            _ = try Directory.current.metadata(of: Name(path), following: false)
            return true
        } catch { return error != .notFound }
    }

    /// The edit distance of two words that resemble each other: one edit in short words and two in longer ones, or a
    /// beginning of three letters. Returns nil for other words.
    private static func distance(_ word: String, _ command: String) -> Int? {
        let distance = EditDistance.between(Array(word.utf8), Array(command.utf8))
        if distance <= (min(word.utf8.count, command.utf8.count) < 5 ? 1 : 2) { return distance }
        return word.utf8.count >= 3 && command.hasPrefix(word) ? distance : nil
    }
}

/// The optimal string alignment distance: insertions, deletions, substitutions, and swaps of neighbours.
enum EditDistance {
    static func between(_ one: [UInt8], _ other: [UInt8]) -> Int {
        var rows = [Array(0...other.count)]
        for i in one.indices {
            var row = [i + 1]
            for j in other.indices {
                var least = min(rows[i][j + 1] + 1, row[j] + 1, rows[i][j] + (one[i] == other[j] ? 0 : 1))
                if i > 0, j > 0, one[i] == other[j - 1], one[i - 1] == other[j] {
                    least = min(least, rows[i - 1][j - 1] + 1)
                }
                row.append(least)
            }
            rows.append(row)
        }
        return rows[one.count][other.count]
    }
}

/// The defaults and the messages of cp.
enum CopyPersonality: Equatable {
    /// Keeps everything, like `cp -a`, and replaces symlinks below a destination.
    case repot
    /// GNU cp.
    case gnu

    var program: String { self == .gnu ? "cp" : "repot" }
}
