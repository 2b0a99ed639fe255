import TestSupport

/// A case, or many, as the shell takes them.
enum MatrixScript {
    /// The lines that run one case in the directory it was built in; standard streams are files of the batch.
    static func call(_ example: MatrixCase, _ command: String, in directory: String, streams: String) -> String {
        let feeding = example.fed.map { "printf fed >\($0) & feeder=$!\n" } ?? ""
        let reaping = example.fed == nil ? "" : "kill $feeder 2>/dev/null; wait $feeder 2>/dev/null\n"
        return """
            cd \(directory)
            \(feeding)(\(setting(example)) \(command) \(words(example))) \
            \(redirection(example, streams)) >\(streams).out 2>\(streams).err
            echo $? >\(streams).status
            \(reaping)
            """
    }

    private static func setting(_ example: MatrixCase) -> String {
        "umask \(example.mask);" + example.options.environment.map { " export \($0);" }.joined()
    }

    private static func words(_ example: MatrixCase) -> String {
        example.words.map(ShellText.quoted).joined(separator: " ")
    }

    private static func redirection(_ example: MatrixCase, _ streams: String) -> String {
        switch example.options.input {
        case .empty: "</dev/null"
        case .closed: "<&-"
        default: "<\(streams.split(separator: "/").dropLast().map { "/" + $0 }.joined())/\(example.options.input)"
        }
    }

    /// What the files that cp reads hold.
    static func answers(_ input: MatrixOptions.Input) -> String? {
        switch input {
        case .empty, .closed: nil
        case .yes: String(repeating: "y\n", count: 40)
        case .no: String(repeating: "n\n", count: 40)
        case .mixed: String(repeating: "y\nn\n", count: 20)
        case .odd: "Yes, please\nyellow\n y\nn\n\ny"
        }
    }

    /// A script that makes the tree anew and runs the cp that is named first in it, as root.
    static func reproduction(_ example: MatrixCase) -> String {
        let making = example.items.map(\.making)
        let dressing = example.items.reversed().compactMap { $0.dressing(for: example.user) }
        let identity = example.user == .root ? "" : "setpriv --reuid=65534 --regid=65534 --clear-groups -- "
        let answers = answers(example.options.input).map(ShellText.quoted) ?? "''"
        let input = example.options.input == .closed ? "<&-" : "< <(printf %s \(answers))"
        let feeding = example.fed.map { "printf fed >\($0) & " } ?? ""
        let inner = "\(setting(example)) \(feeding)exec -a cp \"$0\" \(words(example))"
        return """
            #!/bin/bash
            # \(example)
            # Called with the path of a cp; as root.
            set -e; program=${1:-/bin/cp}; umask 022
            cd "$(mktemp -d)"; chown \(example.user.account.id):\(example.user.account.group) .; chmod 755 .
            \((making + dressing).joined(separator: "\n"))
            set +e
            \(identity)env LC_ALL=C bash -c \(ShellText.quoted(inner)) "$program" \(input); echo "status $?"
            pwd; ls -lAiR --full-time .
            """
    }
}
