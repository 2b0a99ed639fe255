/// The options of a case of the matrix, with what else tells cp what to do.
struct MatrixOptions: Sendable {
    /// As they are written below.
    let text: String
    let words: [String]
    /// Assignments for the environment.
    let environment: [String]
    let input: Input

    enum Input: String, Sendable, CaseIterable {
        case empty
        case closed
        case yes
        case no
        /// Yes, no, yes, no.
        case mixed
        /// What GNU takes for yes, and what it does not.
        case odd
    }

    /// Words like `NAME=value` are for the environment, `<yes` is what cp reads, and a lone dot is an empty word.
    init(_ text: String) {
        self.text = text
        let all = text.split(separator: " ").map(String.init)
        environment = all.filter { $0.first?.isUppercase == true && $0.contains("=") }
        input = all.first { $0.first == "<" }.flatMap { Input(rawValue: String($0.dropFirst())) } ?? .empty
        let environment = environment
        words = all.filter { !environment.contains($0) && $0.first != "<" }
    }

    /// Whether a short option is given, alone or in a cluster, or a long one by this beginning.
    func has(_ option: String) -> Bool {
        words.contains { word in
            if option.hasPrefix("--") || word.hasPrefix("--") { return word.hasPrefix(option) && option.count > 2 }
            return word.hasPrefix("-") && word.dropFirst().contains(option.dropFirst())
        }
    }

    var isRecursive: Bool { has("-R") || has("-r") || has("-a") || has("--rec") || has("--arch") }
    var linksOnly: Bool { has("-l") || has("-s") || has("--link") || has("--symb") }
    var copiesContents: Bool { has("--copy-c") }
    /// Whether a destination that is there may be opened to be written to.
    var opensExisting: Bool { !(linksOnly || has("-n") || has("--rem") || has("-b") || has("--backup=t")) }
}
