import Image
import JSON
import SystemCalls

/// A Dockerfile for an image that is a root file system and a configuration. Source: Dockerfile reference.
struct Dockerfile {
    /// The folder of the build context that becomes the root.
    static let rootfs = "rootfs"

    let config: ImageConfiguration

    var text: String { (["FROM scratch", "COPY \(Self.rootfs)/ /"] + instructions).joined(separator: "\n") + "\n" }

    private var instructions: [String] {
        var lines = config.environment.map { "ENV " + pair($0) } + config.labels.map { "LABEL " + pair($0) }
        lines += config.ports.map { "EXPOSE \($0)" } + config.volumes.map { "VOLUME \(array([$0]))" }
        if let signal = config.stopSignal { lines.append("STOPSIGNAL \(signal)") }
        if let directory = config.workingDirectory { lines.append("WORKDIR \(quoted(directory))") }
        if let user = config.user { lines.append("USER \(quoted(user))") }
        if !config.entrypoint.isEmpty { lines.append("ENTRYPOINT \(array(config.entrypoint))") }
        if !config.command.isEmpty { lines.append("CMD \(array(config.command))") }
        return lines
    }

    /// Words in JSON, which no shell looks at.
    private func array(_ words: [String]) -> String { JSONValue.array(words.map { .string($0) }).text }

    /// `NAME="VALUE"`.
    private func pair(_ text: String) -> String {
        let parts = text.split(atFirst: "=")
        return "\(quoted(parts[0]))=\(quoted(parts.count == 2 ? parts[1] : ""))"
    }

    /// A dollar begins a variable and a backslash an escape; what ends a line is refused before.
    private func quoted(_ text: String) -> String {
        var result = "\""
        for scalar in text.unicodeScalars {
            if ["\\", "\"", "$"].contains(scalar) { result.unicodeScalars.append("\\") }
            result.unicodeScalars.append(scalar)
        }
        return result + "\""
    }
}
