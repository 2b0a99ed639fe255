/// All cases: options × source × destination × user, where they have something to say to each other.
enum CopyMatrix {
    static let all: [MatrixCase] = {
        var names: Set<String> = []
        let cases = byOptions + byKinds + bySubject
        return cases.filter { names.insert($0.description).inserted }
    }()

    static func product(
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
}

extension CopyMatrix {
    private static let byOptions = optionsOverCore + recursive + spelt

    /// Every set of options with the plainest things.
    private static let optionsOverCore =
        product(MatrixOptions.single, [.file], MatrixDestination.core)
        + product(MatrixOptions.single, [.link], [.absent, .file, .dangling, .holdsFile])
        + product(
            MatrixOptions.pairs, [.file], [.absent, .linked, .linkToFile, .dangling, .holdsDirectory])
        + product(MatrixOptions.pairs, [.link], [.absent, .holdsFile])
        + product(MatrixOptions.single + MatrixOptions.pairs, [.several], [.holdsFile])

    private static let recursive =
        product(MatrixOptions.recursive, [.directory], [.absent, .holdsFile, .holdsDirectory, .linkToFile])
        + product(MatrixOptions.recursive, [.link], [.absent, .holdsFile])

    private static let spelt = MatrixOptions.spellings.enumerated().flatMap { index, options in
        product([options], [.file], [index % 2 == 0 ? .file : .holdsFile], index % 2 == 0 ? .user : .root)
    }
}

extension CopyMatrix {
    /// Every source with every destination.
    private static let byKinds =
        product([.none], MatrixSource.all, MatrixDestination.all.filter { !$0.needs.contains(.ordinary) })
        + thinned(product([MatrixOptions("-a")], MatrixSource.all, MatrixDestination.all, .user))
        + product(
            [.none, MatrixOptions("-R"), MatrixOptions("-p")], MatrixSource.all, [.absent, .holdsFile], .user,
            mask: "077")

    /// Every other one, another every time.
    private static func thinned(_ cases: [MatrixCase]) -> [MatrixCase] {
        cases.enumerated().filter { $0.offset % 2 == 0 }.map(\.element)
    }
}

extension CopyMatrix {
    private static let bySubject = sameFiles + guarded + naming + keeping + keepingSymlinks

    /// The table of what becomes of a file that is copied to itself.
    private static let sameFiles =
        product(MatrixOptions.same + MatrixOptions.samePairs, [.file, .link], MatrixDestination.same)
        + product(
            MatrixOptions.same, [.file, .link, .directory], MatrixDestination.same + MatrixDestination.sameElsewhere,
            .user)

    /// What an ordinary user may and may not.
    private static let guarded =
        product(
            MatrixOptions.single, [.file], MatrixDestination.named("strange", "strange-dir"), .user)
        + product(MatrixOptions.pairs, [.file], MatrixDestination.named("file-in-closed-dir"), .user)
        + product(
            [.none, MatrixOptions("-R"), MatrixOptions("-p"), MatrixOptions("-f")],
            MatrixSource.all.filter { $0.traits.contains(.guarded) } + [.directory],
            MatrixDestination.core + MatrixDestination.guarded, .user)

    private static let naming =
        product(
            MatrixOptions.backups, [.file, .link], MatrixDestination.named("backups", "dir-with-backups", "readonly"))
        + product(MatrixOptions.backups, [.directory], [.holdsDirectory], .user)
        + product(
            MatrixOptions.parents,
            MatrixSource.named("deep", "deep-dir", "dir/", "dir/.", "dir/..", "same-base", "missing"),
            [.absent, .holdsFile] + MatrixDestination.named("dir-with-parents", "dir-with-file-as-parent"))
        + product(
            MatrixOptions.stripping, MatrixSource.named("link/", "link-to-dir/", "file/", "dir/", "missing/"),
            [.absent, .holdsFile] + MatrixDestination.named("dir"), .user)

    private static let keeping =
        product(
            MatrixOptions.keeping, MatrixSource.named("setid", "strange", "sparse", "pair", "empty"),
            [.absent, .holdsFile])
        + product(MatrixOptions.keeping, MatrixSource.named("setid", "pair"), [.holdsFile], .user, mask: "077")
        + product(
            MatrixOptions.following,
            MatrixSource.named("link-to-dir", "dangling", "loop", "link-to-dir/", "fifo", "dir"),
            [.absent, .holdsFile], .user)
        + product(
            MatrixOptions.updating, [.file], MatrixDestination.named("equal-time", "older", "file", "dangling", "loop"),
            .user)

    private static let keepingSymlinks =
        product(
            MatrixOptions.keepingSymlinks, [.directory],
            [.holdsDirectory, .dangling, .file]
                + MatrixDestination.named("link-to-dir", "link-to-dir/", "dir-with-link-to-dir"))
        // With -f, GNU cp 9.10 reads an uninitialized mode here, and its result varies.
        + product([MatrixOptions("-RT --copy-c --keep")], [.directory], MatrixDestination.named("loop"))
}
