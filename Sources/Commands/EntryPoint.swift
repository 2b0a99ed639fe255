import SystemCalls

/// The executable's main function.
public enum EntryPoint {
    /// Runs the command that the arguments name and ends the process with its exit status: 0 if everything was done,
    /// 1 if something was not, 64 for wrong usage, 129, 130 or 143 if a signal interrupted the run.
    public static func main(_ count: Int32, _ arguments: UnsafePointer<UnsafeMutablePointer<CChar>?>?) -> Never {
        ProcessState.raiseDescriptorLimit()
        ProcessState.captureMask()
        exitProcess(Interrupt.status(status(ProgramArguments.read(count, arguments))))
    }

    private static func status(_ arguments: [Path]) -> Int32 {
        // execve(2) passes an empty name where the caller gave no arguments, since Linux 5.18.
        guard let program = arguments.first, !program.bytes.isEmpty else {
            return usageError("the argument list is empty; pass the program's name as its first element")
        }
        let invocation = Invocation(arguments)
        Console.ignoreFileSizeSignals()
        // A closed pipe ends GNU cp by SIGPIPE.
        if case .copy(.gnu, _) = invocation {} else { Console.ignoreBrokenPipes() }
        switch invocation {
        case .copy(let personality, let dropping):
            var words = arguments
            words.removeFirst(1 + dropping)
            return CopyCommand(personality, words).run()
        case .unknown(let word, let suggestion):
            return usageError(
                "\(Path(word).quoted) is neither a command nor an existing file; did you mean '\(suggestion)'?")
        case .other(let words):
            if let wrong = arguments.first(where: { String(validating: $0.bytes, as: UTF8.self) == nil }) {
                return usageError("\(wrong.quoted) is not valid UTF-8; only cp accepts such names, so rename it")
            }
            return RootCommand.status(words)
        }
    }

    private static func usageError(_ message: String) -> Int32 {
        Console.line("repot: \(message)", to: .error)
        return 64
    }
}
