import TestSupport
import Testing

/// The directory of the layer cache.
@Suite struct CacheTests {
    private let scratch: Scratch

    init() throws {
        scratch = try Scratch()
        try TreeBuilder.build(at: scratch.path) { tree in
            try tree.addSmallStore()
            try tree.directory("home/.cache")
            try tree.directory("bare")
            try tree.directory("xdg")
        }
    }

    /// An environment and arguments, and the directory of the cache that they lead to.
    struct Case: Sendable, CustomTestStringConvertible {
        let environment: [ByteString: String]
        let arguments: [ByteString]
        let cache: String?
        let testDescription: String

        init(_ environment: [ByteString: String], _ arguments: [ByteString] = [], _ cache: String? = nil) {
            (self.environment, self.arguments, self.cache) = (environment, arguments, cache)
            testDescription = "\(environment) \(arguments)"
        }
    }

    @Test(
        "the cache is in the named directory or in an existing cache directory, and nothing else is created",
        arguments: [
            Case([:]), Case(["HOME": "home"], [], "home/.cache/repot/layers"),
            Case(["HOME": "bare"]), Case(["HOME": "absent"]), Case(["XDG_CACHE_HOME": "absent", "HOME": "home"]),
            Case(["XDG_CACHE_HOME": "xdg", "HOME": "home"], [], "xdg/repot/layers"),
            Case(["XDG_CACHE_HOME": "xdg", "NIX_BUILD_TOP": "/build"]),
            Case(["XDG_CACHE_HOME": "xdg"], ["--cache", "none"]),
            Case(["XDG_CACHE_HOME": "xdg", "NIX_BUILD_TOP": "/build"], ["--cache", "named"], "named/layers"),
            Case(["HOME": "absent"], ["--cache", "named/"], "named/layers"),
            Case(["HOME": "home"], ["--no-cache"], "home/.cache/repot/layers"),
            Case(["HOME": "home"], ["--no-cache", "--cache", "none"]),
        ])
    func location(_ test: Case) throws {
        var environment = Command.inheritedEnvironment
        for name in ["HOME", "XDG_CACHE_HOME", "NIX_BUILD_TOP"] as [ByteString] { environment[name] = nil }
        for (name, value) in test.environment {
            environment[name] = value.hasPrefix("/") ? ByteString(value) : scratch / ByteString(value)
        }
        let before = try files()
        let result = try image(test.arguments, environment)
        #expect(result.status == 0, "\(result.errorText)")
        let created = try files().subtracting(before).filter { !$0.hasPrefix("./image") }
        let above = test.cache.map { $0.split(separator: "/") } ?? []
        let directories = above.indices.map { "./" + above[...$0].joined(separator: "/") }
        let entries = created.subtracting(directories)
        #expect(created.intersection(directories) == Set(directories).subtracting(before))
        #expect(entries.count == (test.cache == nil ? 0 : 1), "\(entries)")
        #expect(entries.allSatisfy { $0.hasPrefix("./\(test.cache ?? "")/") }, "\(entries)")
    }

    @Test("a cache directory that cannot be created is an error, and an empty name is a usage error")
    func faults() throws {
        for (name, status, message) in [
            ("absent/deep", 1, "cannot use the cache directory 'absent/deep': No such file or directory"),
            ("list", 1, "cannot use the cache directory 'list': Not a directory"),
            ("list/x", 1, "cannot use the cache directory 'list/x': Not a directory"),
            ("", 64, "--cache takes a directory or none"),
        ] {
            let result = try image(["--cache", ByteString(name)], Command.inheritedEnvironment)
            #expect(result.status == status && result.errorText.contains(message), "\(result.errorText)")
        }
        #expect(try files().filter { $0.hasPrefix("./image") }.isEmpty)
    }

    private func image(_ arguments: [ByteString], _ environment: [ByteString: ByteString]) throws -> CommandResult {
        try Repot.run(
            ["image", "-q", "--store-root", "s", "--closure", "list", "-o", "oci:image"] + arguments,
            directory: scratch.path, environment: environment)
    }

    private func files() throws -> Set<String> {
        let list = try Command.succeed(["find", "."], directory: scratch.path).outputText
        return Set(list.split(separator: "\n").map(String.init))
    }
}
