/// A difference from GNU cp that is meant to be.
struct KeptDifference: Sendable {
    /// As the documentation of Commands has it.
    let reason: String
    let covers: @Sendable (MatrixDifference) -> Bool

    static let all = [
        help, version, intoItself, simpleBackup, closedInput, newerOptions, parentsOfDots, keptDangling, twoReasons,
        parentsFirst, throughLinks,
    ]

    private static let help = KeptDifference(reason: "The help text is repot's own.") { difference in
        difference.example.options.words == ["--help"] && difference.isOnlyOutput
    }

    private static let version = KeptDifference(reason: "The version is repot's own.") { difference in
        difference.example.options.words == ["--version"] && difference.isOnlyOutput
    }

    private static let intoItself = KeptDifference(
        reason: "GNU cp finds out that a directory would be copied into itself when it has made the first copy of it; "
            + "repot refuses before it makes anything."
    ) { difference in
        difference.ours.errors.contains("into itself") && difference.theirs.status == difference.ours.status
            && difference.tree.allSatisfy { line in
                [": only in the first tree", ": modified ", ": mode "].contains { line.contains($0) }
            }
    }

    private static let simpleBackup = KeptDifference(
        reason: "GNU cp 9.1 puts a simple backup of a file in another directory into the working directory; later "
            + "versions and repot keep it beside the file."
    ) { difference in
        (difference.example.options.has("-b") || difference.example.options.has("--ba"))
            && difference.errors == ([], []) && difference.theirs.status == difference.ours.status
            && difference.tree.contains { $0.hasSuffix(": only in the first tree") && !$0.contains("/") }
    }

    private static let closedInput = KeptDifference(
        reason: "With -i and a closed standard input GNU cp also complains of that it cannot close it."
    ) { difference in
        difference.tree.isEmpty && difference.theirs.errors.contains("error closing file")
    }

    private static let newerOptions = KeptDifference(
        reason: "repot has --update=WHEN and --debug, as GNU cp has from 9.3 and 9.2 on."
    ) { difference in
        let words = difference.example.options.words
        return words.contains { $0.hasPrefix("--update=") || $0.hasPrefix("--d") }
    }

    private static let parentsOfDots = KeptDifference(
        reason:
            "With --parents, GNU cp makes the directory of DIR/. and then cannot make it once more; repot copies it."
    ) { difference in
        difference.example.options.words.contains("--parents") && difference.theirs.status != difference.ours.status
            && difference.theirs.errors.contains("File exists")
    }

    private static let keptDangling = KeptDifference(
        reason:
            "With -n, --remove-destination makes no difference to repot: a symlink to nothing is not written through, "
            + "and that is said."
    ) { difference in
        difference.ours.errors.contains("not writing through dangling symlink")
            && difference.example.options.words.contains("-n") && difference.tree.isEmpty
    }

    private static let twoReasons = KeptDifference(
        reason:
            "Where both a source cannot be opened and its destination cannot be made, repot may tell the other reason."
    ) { difference in
        difference.tree.isEmpty && difference.theirs.status == difference.ours.status
            && difference.errors.theirs.count == 1 && difference.errors.ours.count == 1
            && difference.theirs.errors.contains("for reading: Permission denied")
    }

    private static let parentsFirst = KeptDifference(
        reason: "With --parents and -v, repot makes the parents of all sources, and tells of them, before it copies."
    ) { difference in
        difference.example.options.words.contains("--parents") && difference.tree.isEmpty
            && difference.errors == ([], [])
            && difference.theirs.output.sortedLines == difference.ours.output.sortedLines
    }
}

extension KeptDifference {
    fileprivate static let throughLinks = KeptDifference(
        reason:
            "With -aL, where names of one file meet symlinks at the destination, it shows which name comes first; repot "
            + "goes through a directory in another order than GNU cp."
    ) { difference in
        difference.example.options.has("-a") && difference.example.options.has("-L") && difference.errors == ([], [])
            && difference.tree.contains { $0.contains("file != symbolic link") }
    }
}

extension String {
    fileprivate var sortedLines: [Substring] { split(separator: "\n").sorted() }
}

extension MatrixDifference {
    /// Whether all but standard output is the same.
    fileprivate var isOnlyOutput: Bool {
        tree.isEmpty && errors == ([], []) && theirs.status == ours.status
    }
}
