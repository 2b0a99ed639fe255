import SystemCalls
import TreeCopy

/// What the options say of files that are there already.
struct OverwritingSettings {
    private enum Asking { case never, always, keepingAll }
    private enum Update { case all, none, noneFail, older }

    private(set) var rules = Overwriting()
    private var asking = Asking.never
    private var update = Update.all
    private var makesBackups = false
    private var control: String?
    private var suffix: Path?

    /// The user is asked before each of them is overwritten.
    var asks: Bool { asking == .always }

    var existing: Existing {
        if asking == .keepingAll || update == .none { return .skip }
        if update == .noneFail { return .decline }
        var rules = rules
        rules.onlyOlder = update == .older
        return .overwrite(rules)
    }

    mutating func apply(_ flag: CopyFlag, _ argument: Path?) throws(UsageError) {
        switch flag {
        case .force: rules.isForced = true
        case .interactive: asking = .always
        case .noClobber: asking = .keepingAll
        case .removeDestination: rules.removesFirst = true
        case .updatePlainly: update = .older
        case .update:
            let words: KeyValuePairs<String, Update> = [
                "all": .all, "none": .none, "none-fail": .noneFail, "older": .older,
            ]
            update =
                try argument.map { word throws(UsageError) in
                    try CopySettings.choice(word.description, "--update", words)
                } ?? .older
        case .suffix:
            makesBackups = true
            // A suffix may have any bytes, as a file name may.
            suffix = argument
        default:
            makesBackups = true
            if let argument { control = argument.description }
        }
    }

    /// What overwriting a file with itself comes to: the backup is the copy.
    mutating func dropBackup() { rules.backup = nil }

    /// Throws if the options contradict each other.
    func checkConflicts() throws(UsageError) {
        guard makesBackups else { return }
        switch existing {
        case .skip, .decline:
            throw UsageError("--backup is mutually exclusive with -n or --update=none-fail")
        case .overwrite, .refuse: break
        }
    }

    /// Parses the kind of backup, which GNU cp does after all other options.
    mutating func finish() throws(UsageError) {
        if makesBackups { rules.backup = try backup() }
    }

    private func backup() throws(UsageError) -> Backup? {
        var (word, source) = (control ?? "", "backup type")
        if word.isEmpty { (word, source) = (ProcessState.variable("VERSION_CONTROL") ?? "", "$VERSION_CONTROL") }
        let suffix = suffix ?? ProcessState.variable("SIMPLE_BACKUP_SUFFIX").map { Path($0) } ?? "~"
        guard let control = word.isEmpty ? .existing : try BackupWord.control(word, source) else { return nil }
        return Backup(control, suffix: suffix)
    }
}

/// The words for kinds of backups. Source: coreutils, 'Backup options'.
enum BackupWord {
    private static let groups: [(words: [String], control: Backup.Control?)] = [
        (["none", "off"], nil), (["simple", "never"], .simple), (["existing", "nil"], .existing),
        (["numbered", "t"], .numbered),
    ]

    /// nil for none. A word, or the beginning of words that mean the same.
    static func control(_ word: String, _ source: String) throws(UsageError) -> Backup.Control? {
        if let group = groups.first(where: { $0.words.contains(word) }) { return group.control }
        let matches = groups.filter { $0.words.contains { $0.hasPrefix(word) } }
        if let match = matches.first, matches.count == 1 { return match.control }
        let problem = matches.isEmpty ? "invalid" : "ambiguous"
        throw UsageError(
            "\(problem) argument \(MessageLocale.quoted(word)) for \(MessageLocale.quoted(source))",
            validArguments: groups.map { $0.words.map(MessageLocale.quoted).joined(separator: ", ") })
    }
}

/// The SELinux context that is asked for.
enum SecurityContext: Equatable {
    case none
    /// What the policy gives by itself.
    case usual
    case named(String)
}
