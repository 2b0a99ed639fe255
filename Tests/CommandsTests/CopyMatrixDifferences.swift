/// A declared difference from GNU cp.
struct KeptDifference: Sendable {
    /// The sentence in the documentation of Commands.
    let reason: String
    /// The first version of GNU cp that behaves like repot; nil if none does.
    var before: GNUCopy.Version?
    let matches: @Sendable (MatrixDifference) -> Bool

    init(_ reason: String, before: GNUCopy.Version? = nil, matches: @escaping @Sendable (MatrixDifference) -> Bool) {
        self.reason = reason
        self.before = before
        self.matches = matches
    }

    func covers(_ difference: MatrixDifference) -> Bool {
        if let before, difference.version >= before { return false }
        return matches(difference)
    }

    static let all = [
        help, version, intoItself, closedInput, parentsOfDots, keptDangling, twoReasons, parentsFirst, throughLinks,
        emptyName, debugWords, refusedClone, simpleBackup, newerOptions, declined, olderMessages, directoryOverFile,
    ]

    private static let help = KeptDifference("The help text is repot's own.") { difference in
        difference.example.options.words == ["--help"] && difference.isOnlyOutput
    }

    private static let version = KeptDifference("The version is repot's own.") { difference in
        difference.example.options.words == ["--version"] && difference.isOnlyOutput
    }

    private static let intoItself = KeptDifference(
        "GNU cp notices that a directory would be copied into itself after it made the first copy; repot refuses "
            + "before it creates anything."
    ) { difference in
        difference.ours.errors.contains("into itself") && difference.theirs.status == difference.ours.status
            && difference.tree.allSatisfy { line in
                [": only in the first tree", ": modified ", ": mode "].contains { line.contains($0) }
            }
    }

    private static let closedInput = KeptDifference(
        "With -i and a closed standard input, GNU cp also reports that it cannot close it."
    ) { difference in
        difference.tree.isEmpty && difference.theirs.errors.contains("error closing file")
    }

    private static let parentsOfDots = KeptDifference(
        "With --parents, GNU cp creates the directory of DIR/. and fails to create it again; repot copies it."
    ) { difference in
        difference.example.options.words.contains("--parents") && difference.theirs.status != difference.ours.status
            && difference.theirs.errors.contains("File exists")
    }

    private static let keptDangling = KeptDifference(
        "With -n and --remove-destination, repot reports a symlink to nothing that it does not write through."
    ) { difference in
        difference.ours.errors.contains("not writing through dangling symlink")
            && difference.example.options.words.contains("-n") && difference.tree.isEmpty
    }

    private static let twoReasons = KeptDifference(
        "Where a source cannot be opened and its destination cannot be created, repot may report the other error."
    ) { difference in
        difference.tree.isEmpty && difference.theirs.status == difference.ours.status
            && difference.errors.theirs.count == 1 && difference.errors.ours.count == 1
            && difference.theirs.errors.contains("for reading: Permission denied")
    }

    private static let parentsFirst = KeptDifference(
        "With --parents and -v, repot creates and reports the parents of all sources before it copies."
    ) { difference in
        difference.example.options.words.contains("--parents") && difference.tree.isEmpty
            && difference.errors == ([], [])
            && difference.theirs.output.sortedLines == difference.ours.output.sortedLines
    }
}

extension KeptDifference {
    private static let throughLinks = KeptDifference(
        "With -aL, where names of one file meet symlinks at the destination, the result depends on the order of "
            + "names, and repot reads a directory in another order than GNU cp."
    ) { difference in
        difference.example.options.has("-a") && difference.example.options.has("-L") && difference.errors == ([], [])
            && difference.tree.contains { $0.contains("file != symbolic link") }
    }

    private static let emptyName = KeptDifference(
        "GNU cp from 9.7 on takes an empty destination for the working directory when it copies directories and "
            + "symlinks; repot reports an error, as GNU cp 9.1 does."
    ) { difference in
        difference.example.destination.name == "empty-name" && difference.ours.status == "1"
            && difference.version >= GNUCopy.Version(7)
    }

    private static let refusedClone = KeptDifference(
        "Where --reflink=always fails, GNU cp leaves an existing file empty; repot keeps its content."
    ) { difference in
        difference.errors == ([], []) && difference.theirs.status == difference.ours.status
            && difference.ours.errors.contains("failed to clone")
    }

    private static let debugWords = KeptDifference(
        "With --debug, repot reports its own methods: it copies small files without copy offload."
    ) { difference in
        difference.example.options.words.contains("--debug") && difference.isOnlyOutput
            && difference.theirs.output.withoutMethods == difference.ours.output.withoutMethods
    }
}

/// Differences from GNU cp 9.1, where repot follows the newest version.
extension KeptDifference {
    private static let simpleBackup = KeptDifference(
        "GNU cp 9.1 creates the simple backup of a file in another directory in the working directory; later "
            + "versions and repot keep it beside the file.", before: GNUCopy.Version(2)
    ) { difference in
        (difference.example.options.has("-b") || difference.example.options.has("--ba"))
            && difference.errors == ([], []) && difference.theirs.status == difference.ours.status
            && difference.tree.contains { $0.hasSuffix(": only in the first tree") && !$0.contains("/") }
    }

    private static let newerOptions = KeptDifference(
        "GNU cp 9.1 has no --update=WHEN, no --debug and no --keep-directory-symlink.", before: GNUCopy.Version(7)
    ) { difference in
        ["--update=", "--d", "--k"].contains { option in
            difference.example.options.words.contains { $0.hasPrefix(option) }
        }
    }

    private static let declined = KeptDifference(
        "When the user declines to overwrite a file, GNU cp 9.1 exits with 0; later versions and repot exit with 1.",
        before: GNUCopy.Version(2)
    ) { difference in
        difference.theirs.status == "0" && difference.ours.status == "1" && difference.tree.isEmpty
            && difference.errors == ([], []) && difference.ours.errors.contains("? ")
    }

    private static let olderMessages = KeptDifference(
        "GNU cp 9.1 has other messages for a file that would replace a directory, and for --backup with -n.",
        before: GNUCopy.Version(7)
    ) { difference in
        difference.tree.allSatisfy(\.isTimeOfCopy) && difference.theirs.status == difference.ours.status
            && ["with non-directory\n", "--backup and --no-clobber"].contains {
                difference.theirs.errors.contains($0)
            }
    }

    private static let directoryOverFile = KeptDifference(
        "With --backup, GNU cp 9.1 does not replace a file by a directory; later versions and repot do.",
        before: GNUCopy.Version(7)
    ) { difference in
        difference.theirs.errors.contains("cannot overwrite non-directory") && !difference.tree.isEmpty
            && (difference.example.options.has("-b") || difference.example.options.has("--ba"))
    }
}

extension String {
    fileprivate var sortedLines: [Substring] { split(separator: "\n").sorted() }

    /// Whether a line of a tree's difference is about a directory that only one of the two has written to.
    fileprivate var isTimeOfCopy: Bool { contains(": modified ") }

    fileprivate var withoutMethods: [Substring] {
        split(separator: "\n").filter { !$0.hasPrefix("copy offload: ") }
    }
}

extension MatrixDifference {
    /// Whether all but standard output is the same.
    fileprivate var isOnlyOutput: Bool {
        tree.isEmpty && errors == ([], []) && theirs.status == ours.status
    }
}
