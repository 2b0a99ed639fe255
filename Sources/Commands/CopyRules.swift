import JSON
import SystemCalls

/// The options of `repot cp`.
enum CopyFlag: Int, CaseIterable {
    case archive = 256
    case recursive, links, noDereference, dereference, dereferenceOperands, preserveBasics, preserve, noPreserve
    case link, symbolicLink, force, interactive, noClobber, update, updatePlainly, verbose, oneFileSystem,
        targetDirectory,
        noTargetDirectory, parents
    case reflink, sparse, help, version
    case backup, backupPlainly, suffix, removeDestination, attributesOnly, copyContents, stripSlashes
    case keepDirectorySymlink
    case context, contextPlainly, debug
    case jobs, progress, quiet, json, explain, strict, strategy
}

/// The spellings of an option, and a line on what it means.
struct CopyRule {
    let flag: CopyFlag
    let letters: String
    let name: String?
    let argument: OptionRule.Argument
    let placeholder: String
    let meaning: String
    /// repot's own, which GNU cp does not have.
    var isOwn: Bool { flag.rawValue >= CopyFlag.jobs.rawValue }

    init(
        _ flag: CopyFlag, _ letters: String, _ name: String?, _ argument: OptionRule.Argument = .none,
        _ placeholder: String = "", _ meaning: String
    ) {
        self.flag = flag
        self.letters = letters
        self.name = name
        self.argument = argument
        self.placeholder = placeholder
        self.meaning = meaning
    }

    static let all: [CopyRule] = [
        CopyRule(.archive, "a", "archive", "same as -dR --preserve=all"),
        CopyRule(.links, "d", nil, "same as --no-dereference --preserve=links"),
        CopyRule(.recursive, "Rr", "recursive", "copy directories with what is in them"),
        CopyRule(.noDereference, "P", "no-dereference", "never follow symlinks in SOURCE"),
        CopyRule(.dereference, "L", "dereference", "always follow symlinks in SOURCE"),
        CopyRule(.dereferenceOperands, "H", nil, "follow symlinks that are named as SOURCE"),
        CopyRule(.preserveBasics, "p", nil, "same as --preserve=mode,ownership,timestamps"),
        CopyRule(
            .preserve, "", "preserve", .optional, "ATTRIBUTES",
            "keep mode, ownership, timestamps, links, xattr, context or all"),
        CopyRule(.noPreserve, "", "no-preserve", .required, "ATTRIBUTES", "do not keep these"),
        CopyRule(.link, "l", "link", "hard link files instead of copying"),
        CopyRule(.symbolicLink, "s", "symbolic-link", "make symlinks to SOURCE instead of copying"),
        CopyRule(.force, "f", "force", "replace a destination file that cannot be opened"),
        CopyRule(.interactive, "i", "interactive", "ask before overwriting; the last of -i and -n counts"),
        CopyRule(.noClobber, "n", "no-clobber", "skip existing files; same as --update=none"),
        CopyRule(
            .update, "", "update", .optional, "WHEN", "overwrite all, none, none-fail, or older, as without WHEN"),
        CopyRule(.updatePlainly, "u", nil, "same as --update=older"),
        CopyRule(
            .backup, "", "backup", .optional, "CONTROL",
            "rename what would be overwritten: none, numbered, existing, simple"),
        CopyRule(.backupPlainly, "b", nil, "same as --backup"),
        CopyRule(.suffix, "S", "suffix", .required, "SUFFIX", "end the name of a simple backup so, instead of with ~"),
        CopyRule(.removeDestination, "", "remove-destination", "remove what would be overwritten first"),
        CopyRule(.attributesOnly, "", "attributes-only", "copy attributes, and no content"),
        CopyRule(.copyContents, "", "copy-contents", "with -R, read FIFOs and devices instead of making them"),
        CopyRule(.stripSlashes, "", "strip-trailing-slashes", "leave out slashes at the end of each SOURCE"),
        CopyRule(
            .keepDirectorySymlink, "", "keep-directory-symlink",
            "follow symlinks to directories at the destination"),
        CopyRule(.contextPlainly, "Z", nil, "give the destination its default SELinux context"),
        CopyRule(.context, "", "context", .optional, "CTX", "as -Z, or with this context"),
        CopyRule(.debug, "", "debug", "say how each file is copied; implies -v"),
        CopyRule(.verbose, "v", "verbose", "say what is done"),
        CopyRule(.oneFileSystem, "x", "one-file-system", "stay on this file system"),
        CopyRule(
            .targetDirectory, "t", "target-directory", .required, "DIRECTORY", "copy all SOURCE into DIRECTORY"),
        CopyRule(.noTargetDirectory, "T", "no-target-directory", "treat DEST as the copy itself"),
        CopyRule(.parents, "", "parents", "use the full source name under DIRECTORY"),
        CopyRule(.reflink, "", "reflink", .optional, "WHEN", "share extents: always, auto or never"),
        CopyRule(.sparse, "", "sparse", .required, "WHEN", "make holes: auto, always or never"),
        CopyRule(.help, "", "help", "show this help"),
        CopyRule(.version, "", "version", "show the version"),
        CopyRule(.strategy, "", "strategy", .required, "HOW", "auto, reflink, copy or hardlink"),
        CopyRule(.strict, "", "strict", "fail where the strategy cannot be used, instead of stepping down"),
        CopyRule(.explain, "", "explain", "say why each strategy was used or not"),
        CopyRule(.jobs, "j", "jobs", .required, "N", "use N workers"),
        CopyRule(.progress, "", "progress", .required, "WHEN", "show a bar: auto, always or never"),
        CopyRule(.quiet, "q", "quiet", "say nothing but errors"),
        CopyRule(.json, "", "json", "report as JSON on standard output"),
    ]

    init(_ flag: CopyFlag, _ letters: String, _ name: String?, _ meaning: String) {
        self.init(flag, letters, name, .none, "", meaning)
    }

    /// The rules for getopt_long(3): one for each letter, since each has its own identifier.
    static func optionRules(_ personality: CopyPersonality) -> [OptionRule] {
        var rules: [OptionRule] = []
        for flag in order { all.first { $0.flag == flag }?.addOptions(to: &rules) }
        for rule in all where !order.contains(rule.flag) && (personality == .repot || !rule.isOwn) {
            rule.addOptions(to: &rules)
        }
        return rules
    }

    private func addOptions(to rules: inout [OptionRule]) {
        var name = name
        for letter in letters.utf8 {
            rules.append(OptionRule(letter, name, argument, flag.rawValue))
            name = nil
        }
        if let name { rules.append(OptionRule(nil, name, argument, flag.rawValue)) }
        // GNU cp still accepts the old name of --parents.
        if flag == .parents { rules.append(OptionRule(nil, "path", argument, flag.rawValue)) }
    }

    /// The named options in GNU's order, in which getopt lists what an abbreviation can stand for.
    private static let order: [CopyFlag] = [
        .archive, .attributesOnly, .backup, .copyContents, .debug, .dereference, .force, .interactive, .link,
        .noClobber, .noDereference, .noPreserve, .noTargetDirectory, .oneFileSystem, .parents, .preserve, .recursive,
        .removeDestination, .sparse, .reflink, .stripSlashes, .suffix, .symbolicLink, .targetDirectory, .update,
        .verbose, .keepDirectorySymlink, .context, .help, .version,
    ]

    /// A line of the help text.
    var helpLine: String {
        var spellings = letters.map { "-\($0)" }
        if let name {
            let value = placeholder.isEmpty ? "" : argument == .optional ? "[=\(placeholder)]" : "=\(placeholder)"
            spellings.append("--\(name)\(value)")
        }
        let column = "  " + spellings.joined(separator: ", ")
        let gap = column.count < 32 ? String(repeating: " ", count: 32 - column.count) : "  "
        return column + gap + meaning
    }
}
