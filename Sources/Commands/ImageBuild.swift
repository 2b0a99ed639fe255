import SystemCalls
import Tar

/// A builder at work on a context that is streamed to it.
struct ImageBuild {
    let builder: String
    let arguments: [String]

    /// The builder's own exit status; 130 when the user has interrupted both.
    func run(_ context: TarWriter) throws(ArchiveError) -> Int32 {
        ImageTime.setDefault()
        let program = FedProgram(
            command: [builder, "build"] + ImageTime.options(of: builder, arguments) + arguments + ["-"],
            remedies: (
                missing: "install it, name another with --builder, or write the image's layer with 'repot tar'",
                refused: "see that it is a program you may run, or name another with --builder"
            ))
        guard let status = try program.run(context, named: "the build context") else { return 130 }
        if status != 0 {
            Console.line(
                "repot: '\(builder) build' failed with status \(status); its own words are above. Is its daemon "
                    + "running, and may you use it ('\(builder) info')?", to: .error)
        }
        return status
    }
}
