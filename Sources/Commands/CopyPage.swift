import ArgumentParser
import SystemCalls

/// A description of `repot cp` for the tools of ArgumentParser, which make the manual page and the completions. It is
/// never run, since getopt parses the options.
struct CopyPage: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "cp",
        abstract: "Copies files and directories on all processors, with the options of GNU cp.",
        discussion: """
            SOURCE is copied to DEST, or several SOURCEs into it. Without options, everything that 'cp -a' preserves \
            is preserved; a directory needs -R. Long options may be abbreviated. Under the name cp, as a symlink to \
            repot, the program behaves as GNU cp does, with its defaults.

            \(storePathRule.joined(separator: " "))
            """,
        helpNames: .long)

    /// The rule for store paths, in lines for a terminal.
    static let storePathRule = [
        "A SOURCE whose last component is the name of a store path (HASH-NAME) and",
        "whose parent directory is named 'store' is copied atomically with -R, unless",
        "-H or -L is given: its copy is complete or absent. An existing path of that",
        "name is complete if the type, mode, time and size of its top entry equal those",
        "of SOURCE; otherwise it is replaced atomically. Every other SOURCE is merged",
        "into an existing directory.",
    ]
}

extension CopyPage: CustomReflectable {
    /// ArgumentParser finds the arguments of a command by reflection, so the rules need not be written a second
    /// time.
    var customMirror: Mirror {
        let help = ArgumentHelp("what is copied, and last DEST", valueName: "SOURCE")
        let operands = Argument<[String]>(help: help, completion: .file())
        // It adds these two itself.
        let flags = CopyFlag.inHelp.filter { ![.help, .version].contains($0) }
        let options = flags.map { (label: "_\($0)", value: $0.rule.documented) }
        return Mirror(self, children: options + [(label: "_operands", value: operands)])
    }

    /// ArgumentParser's self-test looks here for the key of each argument.
    init(from decoder: any Decoder) throws { _ = try decoder.container(keyedBy: AnyKey.self) }

    private struct AnyKey: CodingKey {
        let stringValue: String
        let intValue: Int? = nil

        init?(stringValue: String) { self.stringValue = stringValue }
        init?(intValue: Int) { nil }
    }
}

extension CopyRule {
    /// The same for ArgumentParser. It has no option whose value can only follow an equals sign, which is
    /// therefore a flag.
    fileprivate var documented: Any {
        let names = letters.map { NameSpecification.Element.customShort($0) } + (name.map { [.customLong($0)] } ?? [])
        let specification = NameSpecification(names)
        switch argument {
        case .none: return Flag<Bool>(wrappedValue: false, name: specification, help: ArgumentHelp(meaning))
        case .optional:
            let way = "The value is attached: --\(name ?? "")=\(placeholder)."
            return Flag<Bool>(wrappedValue: false, name: specification, help: ArgumentHelp(meaning, discussion: way))
        case .required:
            let help = ArgumentHelp(meaning, valueName: placeholder)
            return Option<String?>(name: specification, help: help, completion: values)
        }
    }

    private var values: CompletionKind {
        switch placeholder {
        case "DIRECTORY": .directory
        case "WHEN": .list(["auto", "always", "never"])
        case "HOW": .list(WritingOptions.strategies.keys.sorted())
        default: .default
        }
    }
}
