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

/// All cases: options × source × destination × user, where they have something to say to each other.
enum CopyMatrix {
    static let all: [MatrixCase] = {
        var names: Set<String> = []
        let cases = optionsOverCore + kindsOverKinds + sameFiles + guarded + spelt + masked
        return cases.filter { names.insert($0.description).inserted }
    }()

    private static func product(
        _ options: [MatrixOptions], _ sources: [MatrixSource], _ destinations: [MatrixDestination],
        _ user: MatrixUser = .root, mask: String = "022"
    ) -> [MatrixCase] {
        options.flatMap { options in
            sources.flatMap { source in
                destinations.filter { $0.suits(source) }.map { destination in
                    MatrixCase(options: options, source: source, destination: destination, user: user, mask: mask)
                }
            }
        }.filter(isTelling)
    }

    /// Leaves out what ends before anything is done, and what waits for ever.
    private static func isTelling(_ example: MatrixCase) -> Bool {
        let options = example.options
        if example.destination.needs.contains(.unopened), options.opensExisting, !options.isRecursive { return false }
        if example.destination.needs.contains(.unopened), options.isRecursive {
            return example.source.isDirectory
        }
        let isPlain = options.text.isEmpty || options.text == "-R"
        if isPlain { return true }
        if example.source.isDirectory, !options.isRecursive { return example.destination.name == "absent" }
        if example.source.isSeveral, !example.destination.isDirectory { return false }
        return true
    }

    /// Every set of options with the plainest things.
    private static let optionsOverCore =
        product(options, [.file], MatrixDestination.core)
        + product(options, [.link], [.absent, .file, .dangling, .holdsFile])
        + product(options, [.several], [.holdsFile])
        + product(MatrixOptions.recursive, [.directory], [.absent, .holdsFile, .holdsDirectory, .linkToFile])
        + product(MatrixOptions.recursive, [.link], [.absent, .holdsFile])

    private static let options = MatrixOptions.single + MatrixOptions.pairs

    /// Every source with every destination.
    private static let kindsOverKinds =
        product([.none], MatrixSource.all, MatrixDestination.all.filter { !$0.needs.contains(.ordinary) })
        + thinned(product([MatrixOptions("-a")], MatrixSource.all, MatrixDestination.all, .user))

    /// Every other one, another every time.
    private static func thinned(_ cases: [MatrixCase]) -> [MatrixCase] {
        cases.enumerated().filter { $0.offset % 2 == 0 }.map(\.element)
    }

    /// The table of what becomes of a file that is copied to itself.
    private static let sameFiles =
        product(MatrixOptions.same + MatrixOptions.samePairs, [.file, .link], MatrixDestination.same)
        + product(
            MatrixOptions.same, MatrixSource.all.filter { ["file", "link", "dangling", "dir"].contains($0.name) },
            MatrixDestination.same + MatrixDestination.sameElsewhere, .user)

    /// What an ordinary user may and may not.
    private static let guarded =
        product(options, [.file], MatrixDestination.guarded.filter { $0.name == "strange" }, .user)
        + product(MatrixOptions.single, [.file], MatrixDestination.guarded.filter { $0.name == "strange-dir" }, .user)
        + product(
            [.none, MatrixOptions("-R"), MatrixOptions("-p"), MatrixOptions("-f")],
            MatrixSource.all.filter { $0.traits.contains(.guarded) } + [.directory],
            MatrixDestination.core + MatrixDestination.guarded, .user)

    private static let spelt = MatrixOptions.spellings.enumerated().flatMap { index, options in
        product([options], [.file], [index % 2 == 0 ? .file : .holdsFile], index % 2 == 0 ? .user : .root)
    }

    private static let masked = product(
        [.none, MatrixOptions("-R"), MatrixOptions("-p"), MatrixOptions("-b")],
        MatrixSource.all, [.absent, .holdsFile], .user, mask: "077")
}
