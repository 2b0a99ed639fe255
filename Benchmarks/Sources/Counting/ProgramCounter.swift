import TestSupport

/// Counts what a run costs whatever it copies, and what the program itself weighs.
struct ProgramCounter {
    let program: Program

    func counts() throws -> [Count] {
        let version = try program.calls(["--version"])
        let scratch = try Scratch()
        try TreeBuilder.build(at: scratch / "empty") { _ in }
        let empty = try program.calls(["-j", "2", "-R", scratch / "empty", scratch / "copy"])
        return [
            Count("calls of --version", Double(version.total), .tenth),
            Count("calls for an empty folder", Double(empty.total), .tenth),
            Count("threads more at -j 2", Double(empty["clone3"] + empty["clone"]), .none),
            Count("MiB of executable", Double(try program.strippedSize()) / Double(1 << 20), .tenth),
        ]
    }
}
