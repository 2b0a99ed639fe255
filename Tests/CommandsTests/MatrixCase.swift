/// One call of cp on a tree of its own.
struct MatrixCase: Sendable, CustomStringConvertible {
    let options: MatrixOptions
    let source: MatrixSource
    let destination: MatrixDestination
    let user: MatrixUser
    /// Octal, as the shell takes it.
    var mask = "022"

    /// What names it.
    var description: String {
        let options = options.text.isEmpty ? "plain" : options.text
        return "\(user.rawValue) \(mask) \(options) | \(source.name) > \(destination.name)"
    }

    var words: [String] { options.words + source.operands + [destination.operand] }
    var items: [MatrixItem] { source.items + destination.items }

    /// The FIFO that somebody has to write to, for cp reads it.
    var fed: String? {
        if source.traits.contains(.fifo), !options.isRecursive || options.copiesContents { return "src" }
        let hasFifo = source.items.contains { $0.path == "src/fifo" }
        return options.copiesContents && options.isRecursive && hasFifo ? "src/fifo" : nil
    }
}
