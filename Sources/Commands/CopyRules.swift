import JSON
import SystemCalls

/// The options of `repot cp`.
///
/// Named options are declared in GNU's order, in which getopt_long lists the candidates for an ambiguous abbreviation.
/// Raw values start at 256, above all ASCII letters. repot's own options come last, from `explain`.
enum CopyFlag: Int, CaseIterable {
    case archive = 256
    case attributesOnly, backup, copyContents, debug, dereference, force, interactive, link, noClobber,
        noDereference, noPreserve, noTargetDirectory, oneFileSystem, parents, preserve, recursive,
        removeDestination, sparse, reflink, stripSlashes, suffix, symbolicLink, targetDirectory, update, verbose,
        keepDirectorySymlink, context, help, version
    case links, dereferenceOperands, preserveBasics, updatePlainly, backupPlainly, contextPlainly
    // repot's own, which GNU cp does not have.
    case explain, jobs, json, progress, quiet, strategy, strict, sync
}

/// The spellings of an option, and a line on what it means.
struct CopyRule {
    let letters: String
    let name: String?
    let argument: OptionTable.Argument
    let placeholder: String
    let meaning: String

    init(_ letters: String, _ name: String?, _ meaning: String) {
        self.init(letters, name, .none, "", meaning)
    }

    init(
        _ letters: String, _ name: String?, _ argument: OptionTable.Argument, _ placeholder: String,
        _ meaning: String
    ) {
        self.letters = letters
        self.name = name
        self.argument = argument
        self.placeholder = placeholder
        self.meaning = meaning
    }
}

extension CopyFlag {
    // A switch is used because a table would have to be built at each start.
    var rule: CopyRule {
        switch self {
        case .archive: CopyRule("a", "archive", "same as -dR --preserve=all")
        case .links: CopyRule("d", nil, "same as --no-dereference --preserve=links")
        case .recursive: CopyRule("Rr", "recursive", "copy directories recursively")
        case .noDereference: CopyRule("P", "no-dereference", "never follow symlinks in SOURCE")
        case .dereference: CopyRule("L", "dereference", "always follow symlinks in SOURCE")
        case .dereferenceOperands: CopyRule("H", nil, "follow symlinks that are named as SOURCE")
        case .preserveBasics: CopyRule("p", nil, "same as --preserve=mode,ownership,timestamps")
        case .preserve:
            CopyRule(
                "", "preserve", .optional, "ATTRIBUTES",
                "keep mode, ownership, timestamps, links, xattr, context or all")
        case .noPreserve: CopyRule("", "no-preserve", .required, "ATTRIBUTES", "do not keep these")
        case .link: CopyRule("l", "link", "hard link files instead of copying")
        case .symbolicLink: CopyRule("s", "symbolic-link", "make symlinks to SOURCE instead of copying")
        case .force: CopyRule("f", "force", "replace a destination file that cannot be opened")
        case .interactive: CopyRule("i", "interactive", "ask before overwriting; the last of -i and -n counts")
        case .noClobber: CopyRule("n", "no-clobber", "skip existing files; same as --update=none")
        case .update:
            CopyRule("", "update", .optional, "WHEN", "overwrite all, none, none-fail, or older, as without WHEN")
        case .updatePlainly: CopyRule("u", nil, "same as --update=older")
        case .backup:
            CopyRule(
                "", "backup", .optional, "CONTROL",
                "rename what would be overwritten: none, numbered, existing, simple")
        case .backupPlainly: CopyRule("b", nil, "same as --backup")
        case .suffix:
            CopyRule("S", "suffix", .required, "SUFFIX", "end names of simple backups with SUFFIX, not with ~")
        case .removeDestination: CopyRule("", "remove-destination", "remove what would be overwritten first")
        case .attributesOnly: CopyRule("", "attributes-only", "copy attributes, and no content")
        case .copyContents: CopyRule("", "copy-contents", "with -R, read FIFOs and devices instead of making them")
        case .stripSlashes: CopyRule("", "strip-trailing-slashes", "leave out slashes at the end of each SOURCE")
        case .keepDirectorySymlink:
            CopyRule("", "keep-directory-symlink", "follow symlinks to directories at the destination")
        case .contextPlainly: CopyRule("Z", nil, "give the destination its default SELinux context")
        case .context: CopyRule("", "context", .optional, "CTX", "as -Z, or with this context")
        case .debug: CopyRule("", "debug", "print how each file is copied; implies -v")
        case .verbose: CopyRule("v", "verbose", "print what is done")
        case .oneFileSystem: CopyRule("x", "one-file-system", "stay on this file system")
        case .targetDirectory:
            CopyRule("t", "target-directory", .required, "DIRECTORY", "copy all SOURCE into DIRECTORY")
        case .noTargetDirectory: CopyRule("T", "no-target-directory", "treat DEST as the copy itself")
        case .parents: CopyRule("", "parents", "use the full source name under DIRECTORY")
        case .reflink: CopyRule("", "reflink", .optional, "WHEN", "share extents: always, auto or never")
        case .sparse: CopyRule("", "sparse", .required, "WHEN", "make holes: auto, always or never")
        case .help: CopyRule("", "help", "show this help")
        case .version: CopyRule("", "version", "show the version")
        case .strategy: CopyRule("", "strategy", .required, "HOW", "auto, reflink, copy or hardlink")
        case .strict: CopyRule("", "strict", "fail where the strategy cannot be used, instead of falling back")
        case .sync: CopyRule("", "sync", "write everything to disk before exiting, and content before names")
        case .explain: CopyRule("", "explain", "print why each strategy was used or not")
        case .jobs: CopyRule("j", "jobs", .required, "N", "use N workers")
        case .progress: CopyRule("", "progress", .required, "WHEN", "show a bar: auto, always or never")
        case .quiet: CopyRule("q", "quiet", "print only errors")
        case .json: CopyRule("", "json", "report as JSON on standard output")
        }
    }

    /// Whether the option is repot's own, which GNU cp does not have.
    var isOwn: Bool { rawValue >= CopyFlag.explain.rawValue }

    /// All flags, in the order of the help text.
    static let inHelp: [CopyFlag] = [
        .archive, .links, .recursive, .noDereference, .dereference, .dereferenceOperands, .preserveBasics, .preserve,
        .noPreserve, .link, .symbolicLink, .force, .interactive, .noClobber, .update, .updatePlainly, .backup,
        .backupPlainly, .suffix, .removeDestination, .attributesOnly, .copyContents, .stripSlashes,
        .keepDirectorySymlink, .contextPlainly, .context, .debug, .verbose, .oneFileSystem, .targetDirectory,
        .noTargetDirectory, .parents, .reflink, .sparse, .help, .version, .strategy, .strict, .sync, .explain,
        .jobs, .progress, .quiet, .json,
    ]

    /// The flag for a return value of getopt: the letter of a short option, or the number of a long one.
    init?(option: Int32) {
        if let flag = CopyFlag(rawValue: Int(option)) {
            self = flag
            return
        }
        var number = CopyFlag.archive.rawValue
        while let flag = CopyFlag(rawValue: number) {
            for letter in flag.rule.letters.utf8 where Int32(letter) == option {
                self = flag
                return
            }
            number += 1
        }
        return nil
    }

    /// The options for getopt_long(3).
    static func optionTable(_ personality: CopyPersonality) -> OptionTable {
        var table = OptionTable()
        var number = CopyFlag.archive.rawValue
        while let flag = CopyFlag(rawValue: number), personality == .repot || !flag.isOwn {
            let rule = flag.rule
            for letter in rule.letters.utf8 { table.add(letter: letter, rule.argument) }
            if let name = rule.name { table.add(name: name, rule.argument, number) }
            // GNU cp still accepts the old name of --parents.
            if flag == .parents { table.add(name: "path", rule.argument, number) }
            number += 1
        }
        return table
    }

}

extension CopyRule {
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
