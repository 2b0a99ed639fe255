import Glibc

/// The standard streams of a child, each a file in memory: no pipe to fill up, no thread to drain it.
struct CapturedStreams {
    let input: Descriptor
    let output: Descriptor
    let errors: Descriptor

    init(input bytes: [UInt8]) throws(TestError) {
        input = try Self.memoryFile("input")
        output = try Self.memoryFile("output")
        errors = try Self.memoryFile("errors")
        try FileContent.bytes(bytes).write(to: input)
    }

    static func contents(of file: Descriptor) throws(TestError) -> [UInt8] {
        let size = Int(try file.status().st_size)
        var bytes = [UInt8](repeating: 0, count: size)
        let count = try check("read", "") { pread(file.number, &bytes, size, 0) }
        return Array(bytes.prefix(count))
    }

    private static func memoryFile(_ name: ByteString) throws(TestError) -> Descriptor {
        Descriptor(
            owning: try check("memfd_create", name) { Linux.memoryFile(name.cString, Linux.closeOnExec) })
    }
}

extension Command {
    /// Spawns the program and returns its process id.
    func spawn(with streams: CapturedStreams) throws(TestError) -> pid_t {
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_adddup2(&actions, streams.input.number, STDIN_FILENO)
        posix_spawn_file_actions_adddup2(&actions, streams.output.number, STDOUT_FILENO)
        posix_spawn_file_actions_adddup2(&actions, streams.errors.number, STDERR_FILENO)
        _ = Linux.spawnClosingFrom(&actions, STDERR_FILENO + 1)
        if let directory { _ = Linux.spawnInDirectory(&actions, directory.cString) }
        return try spawn(&actions)
    }

    private func spawn(_ actions: inout posix_spawn_file_actions_t) throws(TestError) -> pid_t {
        var settings = Self.settings()
        defer { posix_spawnattr_destroy(&settings) }
        let words = user?.command(arguments) ?? arguments
        guard let program = words.first else { throw TestError("run an empty command") }
        let variables = environment?.map { $0.key + "=" + $0.value } ?? environmentLines
        var id: pid_t = 0
        let code = Self.withPointers(words) { words in
            Self.withPointers(variables) { variables in
                posix_spawnp(&id, program.cString, &actions, &settings, words, variables)
            }
        }
        if code != 0 { throw TestError("spawn", code: code, path: program) }
        return id
    }

    /// A process group of its own, no signal blocked or ignored, whatever the state of this process.
    private static func settings() -> posix_spawnattr_t {
        var settings = posix_spawnattr_t()
        posix_spawnattr_init(&settings)
        var signals = sigset_t()
        sigemptyset(&signals)
        posix_spawnattr_setsigmask(&settings, &signals)
        sigfillset(&signals)
        posix_spawnattr_setsigdefault(&settings, &signals)
        posix_spawnattr_setpgroup(&settings, 0)
        let flags = POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF
        posix_spawnattr_setflags(&settings, Int16(flags))
        return settings
    }

    private static func withPointers<Result>(
        _ words: [ByteString], _ body: ([UnsafeMutablePointer<CChar>?]) -> Result
    ) -> Result {
        let pointers = words.map { strdup($0.cString) }
        defer { for pointer in pointers { free(pointer) } }
        return body(pointers + [nil])
    }
}
