import JSON
import SystemCalls
import TreeCopy

/// A mistake on the command line.
struct UsageError: Error {
    let message: String
    /// The lines after the message, which list the valid arguments of an option.
    let validArguments: [String]
    /// Followed by a pointer to `--help`, as GNU does where the words are wrong rather than the files.
    let suggestsHelp: Bool

    init(_ message: String, validArguments: [String] = [], suggestsHelp: Bool = true) {
        self.message = message
        self.validArguments = validArguments
        self.suggestsHelp = suggestsHelp
    }
}

/// What the options of `cp` amount to. Options are applied in their order, so the last one wins as in GNU.
struct CopySettings {
    let personality: CopyPersonality
    var copy = CopyOptions()
    var isRecursive = false
    var overwriting = OverwritingSettings()
    var stripsSlashes = false
    private var keepsDirectorySymlinks = false
    private var linkKinds: Set<CopyFlag> = []
    /// With -a and --preserve=all, GNU cp passes over attributes that cannot be kept; asked for by name, they must be.
    private var mayLoseAttributes = false
    private var mustKeepAttributes = false
    var readsSpecialFiles = false
    var context = SecurityContext.none
    var dereference: Dereference?
    var targetDirectory: Path?
    var noTargetDirectory = false
    var parents = false
    var display = Display()
    var showsHelp = false
    var showsVersion = false
    /// The process's mask; it was set to zero, so that modes are created as they are asked for.
    let mask: FileMode

    init(_ personality: CopyPersonality, mask: FileMode) {
        self.personality = personality
        self.mask = mask
        copy.newMode = .masked(mask.rawValue)
        copy.preserve = personality == .repot ? .all : Preserve(rawValue: 0)
        copy.linkPolicy = personality == .repot ? .any : .forced
        copy.writesIntoShared = personality == .gnu
        copy.actsAsGNU = personality == .gnu
        copy.writesThroughDangling = ProcessState.variable("POSIXLY_CORRECT") != nil
    }

    /// What the run does can be seen while it does it: it happens in the order of GNU cp.
    var isSeen: Bool { display.isVerbose || overwriting.asks }

    /// Also with backups: one worker could make a file where another has just put a backup, or back that up.
    var isOrdered: Bool { isSeen || overwriting.rules.backup != nil }

    /// The engine's options, with the defaults that depend on several flags.
    var options: CopyOptions {
        var options = copy
        options.isRecursive = isRecursive
        options.existing = overwriting.existing
        options.dereference = dereference ?? defaultDereference
        options.toleratesLostAttributes = personality == .gnu && mayLoseAttributes && !mustKeepAttributes
        options.copiesSpecialFiles = isRecursive && !readsSpecialFiles
        options.keepsDirectorySymlinks = keepsDirectorySymlinks && mayKeepDirectorySymlinks
        // Source: coreutils 9.4 NEWS. Sharing extents could bring holes into the copy.
        if options.strategy == .auto, options.sparse == .never { options.strategy = .copy }
        // For GNU cp a link that cannot be made is an error.
        if personality == .gnu, options.strategy == .hardlink { options.isStrict = true }
        return options
    }

    /// GNU cp considers --keep-directory-symlink only with --copy-contents, and with no option that replaces files.
    private var mayKeepDirectorySymlinks: Bool {
        if personality == .repot { return true }
        let replaces = copy.strategy == .hardlink || copy.strategy == .symlink || overwriting.rules.removesFirst
        return readsSpecialFiles && !replaces && overwriting.rules.backup == nil
    }

    /// Source: coreutils, 'cp invocation': without -R symlinks are followed, with it they are not.
    private var defaultDereference: Dereference {
        isRecursive && (personality == .repot || copy.strategy != .hardlink) ? .never : .always
    }
}

extension CopySettings {
    /// The argument is nil where an option has none; an empty one is a mistake.
    mutating func apply(_ flag: CopyFlag, _ argument: Path?) throws(UsageError) {
        let text = argument?.description
        let word = text ?? ""
        switch flag {
        case .recursive: isRecursive = true
        case .verbose: display.isVerbose = true
        case .oneFileSystem: copy.staysOnFileSystem = true
        case .targetDirectory: try setTarget(argument ?? "")
        case .noTargetDirectory: noTargetDirectory = true
        case .parents: parents = true
        case .attributesOnly: copy.onlyAttributes = true
        case .copyContents: readsSpecialFiles = true
        case .stripSlashes: stripsSlashes = true
        case .keepDirectorySymlink: keepsDirectorySymlinks = true
        case .contextPlainly: context = .usual
        case .context: context = text.map { .named($0) } ?? .usual
        case .debug: (display.isVerbose, display.tellsHow) = (true, true)
        case .reflink: try applyReflink(text)
        case .sparse: copy.sparse = try Self.choice(word, "--sparse", Self.sparseWords)
        case .help: showsHelp = true
        case .version: showsVersion = true
        case .archive, .links, .noDereference, .dereference, .dereferenceOperands: applyDereference(flag)
        case .preserveBasics: copy.preserve.formUnion([.mode, .ownership, .timestamps])
        case .preserve:
            let words = word.split(separator: ",")
            mayLoseAttributes = mayLoseAttributes || words.contains { $0.count > 1 && "all".hasPrefix($0) }
            mustKeepAttributes = mustKeepAttributes || words.contains { "xattr".hasPrefix($0) }
            copy.preserve.formUnion(try attributes(text, "--preserve"))
        case .noPreserve: try applyNoPreserve(word)
        case .link, .symbolicLink: applyLink(flag)
        case .force, .interactive, .noClobber, .update, .updatePlainly, .backup, .backupPlainly, .suffix,
            .removeDestination:
            try overwriting.apply(flag, argument)
        case .jobs, .progress, .quiet, .json, .explain, .strict, .strategy, .sync: try applyOwn(flag, word)
        }
    }

    private mutating func setTarget(_ path: Path) throws(UsageError) {
        if targetDirectory != nil { throw UsageError("multiple target directories specified", suggestsHelp: false) }
        targetDirectory = path
    }

    private mutating func applyLink(_ flag: CopyFlag) {
        linkKinds.insert(flag)
        copy.strategy = flag == .link ? .hardlink : .symlink
    }

    /// Options that are right one by one.
    mutating func finish() throws(UsageError) {
        if linkKinds.count > 1 { throw UsageError("cannot make both hard and symbolic links") }
        try overwriting.checkConflicts()
        if copy.strategy == .reflink, copy.isStrict, copy.sparse != .auto {
            throw UsageError("--reflink can be used only with --sparse=auto")
        }
        try overwriting.finish()
        try refuseContext()
    }

    private static let sparseWords: KeyValuePairs<String, Sparse> = [
        "never": .never, "auto": .auto, "always": .always,
    ]

    private mutating func applyDereference(_ flag: CopyFlag) {
        switch flag {
        case .archive:
            dereference = .never
            isRecursive = true
            copy.preserve = .all
            mayLoseAttributes = true
        case .links:
            dereference = .never
            copy.preserve.insert(.links)
        case .noDereference: dereference = .never
        case .dereference: dereference = .always
        default: dereference = .operands
        }
    }

    private mutating func applyOwn(_ flag: CopyFlag, _ argument: String) throws(UsageError) {
        switch flag {
        case .jobs:
            guard let count = Int(argument), count > 0, count <= 1024 else {
                throw UsageError("invalid number of workers '\(argument)': give one from 1 to 1024")
            }
            copy.workers = count
        case .progress:
            display.progress = try Self.choice(
                argument, "--progress", ["auto": .auto, "always": .always, "never": .never])
        case .quiet: display.isQuiet = true
        case .json: display.isJSON = true
        case .explain: display.explains = true
        case .strict: copy.isStrict = true
        case .sync: copy.syncs = true
        default:
            copy.strategy = try Self.choice(
                argument, "--strategy",
                ["auto": .auto, "reflink": .reflink, "copy": .copy, "hardlink": .hardlink])
        }
    }

    /// `--reflink` alone means always, and always allows nothing else.
    private mutating func applyReflink(_ when: String?) throws(UsageError) {
        switch try Self.choice(when ?? "always", "--reflink", ["auto": 1, "always": 2, "never": 0]) {
        case 2:
            copy.strategy = .reflink
            copy.isStrict = true
        case 1: copy.strategy = .auto
        default: copy.strategy = .copy
        }
    }

    private mutating func applyNoPreserve(_ list: String) throws(UsageError) {
        let attributes = try attributes(list, "--no-preserve")
        copy.preserve.subtract(attributes)
        if attributes.contains(.mode) { copy.newMode = .fresh(mask.rawValue) }
    }

    /// No attribute of the engine's own: where there is SELinux, its label is an extended attribute.
    private static let context = Preserve(rawValue: 1 << 16)

    private static var hasSELinux: Bool {
        (try? Directory.current.metadata(of: Name("/sys/fs/selinux/enforce"), following: true)) != nil
    }

    /// Where there is no SELinux, GNU's cp passes over what it cannot do, and repot says so.
    private func refuseContext() throws(UsageError) {
        guard context != .none else { return }
        if personality == .gnu, !Self.hasSELinux {
            if case .named = context {
                Console.line("cp: warning: ignoring --context; it requires an SELinux-enabled kernel", to: .error)
            }
            return
        }
        let why = Self.hasSELinux ? "repot keeps contexts, and sets no others" : "this kernel has no SELinux"
        throw UsageError("cannot set the security context: \(why); leave out -Z and --context", suggestsHelp: false)
    }

    /// A list of attributes; none at all stands for what -p keeps.
    private func attributes(_ list: String?, _ option: String) throws(UsageError) -> Preserve {
        guard let list else { return [.mode, .ownership, .timestamps] }
        var attributes: Preserve = []
        for word in list.split(separator: ",", omittingEmptySubsequences: false) {
            attributes.formUnion(
                try Self.choice(
                    String(word), option,
                    [
                        "mode": .mode, "timestamps": .timestamps, "ownership": .ownership, "links": .links,
                        "context": Self.context, "xattr": .attributes, "all": .all,
                    ]))
        }
        if option == "--preserve", attributes.contains(Self.context), !Self.hasSELinux {
            throw UsageError(
                "cannot preserve security context without an SELinux-enabled kernel", suggestsHelp: false)
        }
        return attributes.subtracting(Self.context)
    }

    /// A word or an unambiguous beginning of one, as GNU allows, which also lists them in this order.
    static func choice<Value>(
        _ text: String, _ option: String, _ known: KeyValuePairs<String, Value>
    ) throws(UsageError) -> Value {
        if let exact = known.first(where: { $0.key == text }) { return exact.value }
        let matches = known.filter { $0.key.hasPrefix(text) }
        if let match = matches.first, matches.count == 1 { return match.value }
        let problem = matches.isEmpty ? "invalid" : "ambiguous"
        throw UsageError(
            "\(problem) argument \(MessageLocale.quoted(text)) for \(MessageLocale.quoted(option))",
            validArguments: known.map { MessageLocale.quoted($0.key) })
    }
}
