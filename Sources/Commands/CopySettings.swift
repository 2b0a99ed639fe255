import SystemCalls
import TreeCopy

/// A mistake on the command line.
struct UsageError: Error {
    let message: String
    init(_ message: String) { self.message = message }
}

/// What the options of `cp` amount to. Options are applied in their order, so the last one wins as in GNU.
struct CopySettings {
    let personality: CopyPersonality
    var copy = CopyOptions()
    var isRecursive = false
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
        copy.preserve = personality == .repot ? .all : []
        copy.linkPolicy = personality == .repot ? .any : .forced
    }

    /// The engine's options, with the defaults that depend on several flags.
    var options: CopyOptions {
        var options = copy
        options.isRecursive = isRecursive
        options.dereference = dereference ?? defaultDereference
        options.copiesSpecialFiles = isRecursive
        // For GNU cp a link that cannot be made is an error.
        if personality == .gnu, options.strategy == .hardlink { options.isStrict = true }
        return options
    }

    /// Source: coreutils, 'cp invocation': without -R symlinks are followed, with it they are not.
    private var defaultDereference: Dereference {
        isRecursive && (personality == .repot || copy.strategy != .hardlink) ? .never : .always
    }
}

extension CopySettings {
    mutating func apply(_ flag: CopyFlag, _ argument: String) throws(UsageError) {
        switch flag {
        case .recursive: isRecursive = true
        case .link: copy.strategy = .hardlink
        case .force: copy.existing = .overwrite(force: true)
        case .noClobber: copy.existing = .skip
        case .verbose: display.isVerbose = true
        case .oneFileSystem: copy.staysOnFileSystem = true
        case .targetDirectory: targetDirectory = Path(argument)
        case .noTargetDirectory: noTargetDirectory = true
        case .parents: parents = true
        case .reflink: try applyReflink(argument)
        case .sparse: copy.sparse = try word(argument, "--sparse", ["auto": .auto, "always": .always, "never": .never])
        case .help: showsHelp = true
        case .version: showsVersion = true
        case .archive, .links, .noDereference, .dereference, .dereferenceOperands: applyDereference(flag)
        case .preserveBasics: copy.preserve.formUnion([.mode, .ownership, .timestamps])
        case .preserve: copy.preserve.formUnion(try attributes(argument, "--preserve"))
        case .noPreserve: try applyNoPreserve(argument)
        case .jobs, .progress, .quiet, .json, .explain, .strict, .strategy: try applyOwn(flag, argument)
        }
    }

    private mutating func applyDereference(_ flag: CopyFlag) {
        switch flag {
        case .archive:
            dereference = .never
            isRecursive = true
            copy.preserve = .all
            copy.toleratesLostAttributes = personality == .gnu
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
            display.progress = try word(
                argument, "--progress", ["auto": .auto, "always": .always, "never": .never])
        case .quiet: display.isQuiet = true
        case .json: display.isJSON = true
        case .explain: display.explains = true
        case .strict: copy.isStrict = true
        default:
            copy.strategy = try word(
                argument, "--strategy",
                ["auto": .auto, "reflink": .reflink, "copy": .copy, "hardlink": .hardlink])
        }
    }

    /// `--reflink` alone means always, and always allows nothing else.
    private mutating func applyReflink(_ when: String) throws(UsageError) {
        switch try word(when.isEmpty ? "always" : when, "--reflink", ["always": 2, "auto": 1, "never": 0]) {
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

    /// A list of attributes; none at all stands for what -p keeps.
    private func attributes(_ list: String, _ option: String) throws(UsageError) -> Preserve {
        if list.isEmpty { return [.mode, .ownership, .timestamps] }
        var attributes: Preserve = []
        for word in list.split(separator: ",", omittingEmptySubsequences: false) {
            attributes.formUnion(
                try self.word(
                    String(word), option,
                    [
                        "mode": .mode, "timestamps": .timestamps, "ownership": .ownership, "links": .links,
                        "xattr": .attributes, "context": [], "all": .all,
                    ]))
        }
        return attributes
    }

    /// A word or an unambiguous beginning of one, as GNU allows.
    private func word<Value>(
        _ text: String, _ option: String, _ known: [String: Value]
    ) throws(UsageError) -> Value {
        if let value = known[text] { return value }
        let matches = known.filter { !text.isEmpty && $0.key.hasPrefix(text) }
        if let match = matches.first, matches.count == 1 { return match.value }
        let problem = matches.isEmpty ? "invalid" : "ambiguous"
        let valid = known.keys.sorted().map { "  - '\($0)'" }.joined(separator: "\n")
        throw UsageError("\(problem) argument '\(text)' for '\(option)'\nValid arguments are:\n\(valid)")
    }
}
