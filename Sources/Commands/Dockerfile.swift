/// A Dockerfile for an image that is a root file system and a configuration. Source: Dockerfile reference.
struct Dockerfile {
    /// The folder of the build context that becomes the root.
    static let rootfs = "rootfs"

    let config: ImageConfig

    var text: String { (["FROM scratch", "COPY \(Self.rootfs)/ /"] + instructions).joined(separator: "\n") + "\n" }

    private var instructions: [String] {
        var lines = config.environment.map { "ENV " + pair($0) } + config.labels.map { "LABEL " + pair($0) }
        lines += config.ports.map { "EXPOSE \($0)" }
        if let directory = config.workingDirectory { lines.append("WORKDIR \(escaped(directory))") }
        if let user = config.user { lines.append("USER \(escaped(user))") }
        if !config.entrypoint.isEmpty { lines.append("ENTRYPOINT \(array(config.entrypoint))") }
        if !config.command.isEmpty { lines.append("CMD \(array(config.command))") }
        return lines
    }

    /// Words in JSON, which no shell looks at.
    private func array(_ words: [String]) -> String { JSONValue.array(words.map { .string($0) }).text }

    /// `NAME="VALUE"`.
    private func pair(_ text: String) -> String {
        let parts = text.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
        return "\(quoted(parts[0]))=\(quoted(parts.count == 2 ? parts[1] : ""))"
    }

    private func quoted(_ text: String) -> String { "\"\(escaped(text))\"" }

    /// A dollar begins a variable, a backslash an escape, and a line ends the instruction.
    private func escaped(_ text: String) -> String {
        text.reduce(into: "") { result, character in
            switch character {
            case "\\", "\"", "$": result += "\\\(character)"
            case "\n": result += "\\\n"
            default: result.append(character)
            }
        }
    }
}
