import SystemCalls
import TreeCopy

/// `repot cp`, and cp.
struct CopyCommand {
    let personality: CopyPersonality
    private let arguments: [Path]

    /// - Parameter arguments: options and operands, without the name of the program or the command.
    init(_ personality: CopyPersonality, _ arguments: [Path] = []) {
        self.personality = personality
        self.arguments = arguments
    }

    /// Copies and ends the process, or returns the exit status of a run without a copy.
    func run() -> Int32 {
        if personality == .gnu { MessageLocale.follow() }
        do throws(UsageError) {
            var settings = CopySettings(personality, mask: ProcessState.exchangeMask(FileMode(rawValue: 0)))
            let table = CopyFlag.optionTable(personality)
            let parsed = try CommandLineOptions.parse(table, program: personality.program, arguments) {
                option, argument throws(UsageError) in
                if let flag = CopyFlag(option: option) { try settings.apply(flag, argument) }
            }
            guard let parsed else { return suggestHelp() }
            try settings.finish()
            if settings.showsHelp { return show(help) }
            if settings.showsVersion { return show(Version.text) }
            var operands = CopyOperands(settings: settings, operands: parsed)
            copy(try operands.roots(), operands)
        } catch {
            let valid = error.validArguments.map { "  - \($0)" }
            Console.lines(
                ["\(personality.program): \(error.message)"] + (valid.isEmpty ? [] : ["Valid arguments are:"]) + valid,
                to: .error)
            return error.suggestsHelp ? suggestHelp() : usageStatus
        }
    }

    /// Copies and ends the process.
    private func copy(_ roots: [CopyRoot], _ operands: CopyOperands) -> Never {
        let settings = operands.settings
        var display = settings.display
        display.program = personality.program
        display.summarises = personality == .repot && display.wantsSummaryForCopy
        let parents = settings.parents ? ParentDirectories(roots, settings.options) : nil
        if display.isVerbose { parents?.onMade = { Console.line("\($0) -> \($1)", to: .output) } }
        parents?.make()
        display.tellsErrorsAtOnce = settings.isSeen || personality == .gnu
        var request = request(roots, settings)
        for (root, failure) in parents?.failures ?? [:] { request.roots[root].failure = failure }
        if ProcessState.descriptorLimit < 8, !operands.mayUseStreams {
            Console.closeUnused(input: !settings.overwriting.asks, output: !display.isVerbose && !display.isJSON)
        }
        let warn = warnings(operands)
        // A progress bar must not be written into.
        if display.tellsErrorsAtOnce { request.onTurn = warn } else { (0...roots.count).forEach(warn) }
        let report = display.run(request)
        parents?.finish()
        let errors = parents?.errors ?? []
        if display.tellsErrorsAtOnce {
            for error in errors { Console.line("\(personality.program): \(error)", to: .error) }
        }
        let status = display.finish(report.adding(errors), unit: .files)
        // To deallocate the tables of a run takes longer than to copy a small file.
        withExtendedLifetime((roots, operands, settings, request, report)) {
            exitProcess(Interrupt.status(status))
        }
    }

    private func request(_ roots: [CopyRoot], _ settings: CopySettings) -> CopyRequest {
        var request = CopyRequest(roots: roots, options: settings.options)
        request.isOrdered = settings.isOrdered
        if settings.overwriting.asks { request.confirm = Prompt(program: personality.program).confirms }
        return request
    }

    /// Tells of operands that are left out when a root has its turn.
    private func warnings(_ operands: CopyOperands) -> @Sendable (_ root: Int) -> Void {
        { [warnings = operands.warnings] root in
            for warning in warnings[root] ?? [] { Console.line(warning, to: .error) }
        }
    }

    private func show(_ text: String) -> Int32 { Console.writeUnescaped((text + "\n").utf8, to: .output) ? 0 : 1 }

    /// GNU's last line after a mistake, and its exit status.
    private func suggestHelp() -> Int32 {
        let command = personality == .gnu ? "cp" : "repot cp"
        Console.line("Try '\(command) --help' for more information.", to: .error)
        return usageStatus
    }

    private var usageStatus: Int32 { personality == .gnu ? 1 : 64 }

    var help: String {
        let name = personality == .gnu ? "cp" : "repot cp"
        let flags = CopyFlag.inHelp.filter { personality == .repot || !$0.isOwn }
        let storePathRule = personality == .repot ? [""] + CopyPage.storePathRule : []
        return """
            Usage: \(name) [OPTION]... [-T] SOURCE DEST
              or:  \(name) [OPTION]... SOURCE... DIRECTORY
              or:  \(name) [OPTION]... -t DIRECTORY SOURCE...
            Copy SOURCE to DEST, or several SOURCEs to DIRECTORY, on all processors.

            \((flags.map(\.rule.helpLine) + storePathRule).joined(separator: "\n"))
            """
    }
}
