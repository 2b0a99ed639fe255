/// A difference from GNU cp that is meant to be.
struct KeptDifference: Sendable {
    /// As the documentation of Commands has it.
    let reason: String
    let covers: @Sendable (MatrixDifference) -> Bool

    static let all = [help, version, intoItself]

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
        difference.errors == ([], []) && difference.theirs.errors.contains("into itself")
            && difference.theirs.status == difference.ours.status && difference.output == ([], [])
            && difference.tree.allSatisfy { line in
                [": only in the first tree", ": modified ", ": mode "].contains { line.contains($0) }
            }
    }
}

extension MatrixDifference {
    /// Whether all but standard output is the same.
    fileprivate var isOnlyOutput: Bool {
        tree.isEmpty && errors == ([], []) && theirs.status == ours.status
    }
}
