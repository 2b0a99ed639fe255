/// What the matrix found, for who reads a failed test.
struct MatrixReport {
    let count: Int
    let differences: [MatrixDifference]

    /// One line of counts, and an example for each kind of difference, the most frequent first; those for want of
    /// an option come last. Without a limit, all cases are named.
    func text(limit: Int = 60) -> String {
        let groups = Dictionary(grouping: differences, by: \.kind).sorted {
            rank($0.value, $0.key) < rank($1.value, $1.key)
        }
        let lacking = differences.count { $0.lack != nil }
        let head =
            "\(count) cases, \(differences.count) differ in \(groups.count) ways, \(lacking) for want of an option"
        let shown = groups.prefix(limit).map { Self.text($0.key, $0.value, naming: limit == .max ? .max : 4) }
        let rest = groups.count > limit ? ["and \(groups.count - limit) more ways"] : []
        return ([head] + shown + rest).joined(separator: "\n\n")
    }

    private func rank(_ members: [MatrixDifference], _ kind: String) -> (Int, Int, String) {
        (members.contains { $0.lack != nil } ? 1 : 0, -members.count, kind)
    }

    private static func text(_ kind: String, _ members: [MatrixDifference], naming limit: Int) -> String {
        let options = Dictionary(grouping: members, by: \.example.options.text).sorted {
            $1.value.count < $0.value.count
        }
        let list = options.prefix(12).map { "\($0.key.isEmpty ? "plain" : $0.key)×\($0.value.count)" }
        // The shortest is the easiest to understand.
        guard let example = members.min(by: { $0.example.words.count < $1.example.words.count }) else { return "" }
        let others = members.prefix(limit).map { "      \($0.example)" }.joined(separator: "\n")
        return """
            == \(members.count) × \(kind)
               options: \(list.joined(separator: ", "))\(options.count > 12 ? ", …" : "")
            \(others)
            \(Self.text(example))
            """
    }

    private static func text(_ difference: MatrixDifference) -> String {
        let call = difference.example.words.map(ShellText.quoted).joined(separator: " ")
        return """
              [\(difference.example)] GNU cp \(difference.version)
              $ cp \(call)
            \(side("GNU", difference.theirs))
            \(side("own", difference.ours))
            \(difference.tree.prefix(6).map { "    tree: \($0)" }.joined(separator: "\n"))
            """
    }

    private static func side(_ name: String, _ outcome: MatrixOutcome) -> String {
        let lines = (outcome.output + outcome.errors).split(separator: "\n").prefix(6)
        return (["    \(name): status \(outcome.status)"] + lines.map { "         \($0)" }).joined(separator: "\n")
    }
}
