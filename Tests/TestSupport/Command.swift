import Glibc

/// A program to run, with all that determines what it sees: arguments, surroundings, input.
///
/// The child gets none of this process's descriptors but the standard three, and is the leader of a process
/// group of its own, which ends with it when it takes too long.
public struct Command: Sendable {
    /// The program, looked up in PATH, and its arguments.
    public var arguments: [ByteString]
    /// The whole environment; that of this process when nil.
    public var environment: [ByteString: ByteString]?
    /// The working directory; that of this process when nil.
    public var directory: ByteString?
    /// Whom to run as; needs root and setpriv(1).
    public var user: OrdinaryUser?
    /// What the child reads from its standard input.
    public var input: [UInt8]
    /// When to kill it.
    public var timeout: Duration

    /// Describes what to run; nothing happens yet.
    public init(
        _ arguments: [ByteString], environment: [ByteString: ByteString]? = nil,
        directory: ByteString? = nil, user: OrdinaryUser? = nil, input: [UInt8] = [],
        timeout: Duration = .seconds(120)
    ) {
        self.arguments = arguments
        self.environment = environment
        self.directory = directory
        self.user = user
        self.input = input
        self.timeout = timeout
    }

    /// Runs it to its end. Throws when it cannot be started; what becomes of it is in the result.
    public func run() throws(TestError) -> CommandResult {
        try start().finish()
    }

    /// Starts it and returns at once.
    public func start() throws(TestError) -> RunningCommand {
        try RunningCommand(self)
    }

    /// Runs a program in one line: `try Command.run(["cp", "-a", source, target])`.
    public static func run(
        _ arguments: [ByteString], environment: [ByteString: ByteString]? = nil,
        directory: ByteString? = nil, user: OrdinaryUser? = nil, input: [UInt8] = [],
        timeout: Duration = .seconds(120)
    ) throws(TestError) -> CommandResult {
        try Command(
            arguments, environment: environment, directory: directory, user: user, input: input,
            timeout: timeout
        ).run()
    }

    /// Runs a program that must succeed; its complaint is in the error if it does not.
    @discardableResult
    public static func succeed(
        _ arguments: [ByteString], directory: ByteString? = nil
    ) throws(TestError) -> CommandResult {
        let result = try run(arguments, directory: directory)
        if result.ending == .exited(0) { return result }
        let call = arguments.map(\.description).joined(separator: " ")
        throw TestError("\(call): \(result.ending), \(result.errorText)")
    }

    /// The environment of this process, as a base for that of a child.
    public static var inheritedEnvironment: [ByteString: ByteString] {
        var variables: [ByteString: ByteString] = [:]
        for line in environmentLines {
            let parts = line.bytes.split(separator: UInt8(ascii: "="), maxSplits: 1)
            if parts.count == 2 { variables[ByteString(Array(parts[0]))] = ByteString(Array(parts[1])) }
        }
        return variables
    }
}
