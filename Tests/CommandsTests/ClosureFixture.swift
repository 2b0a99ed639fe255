import TestSupport

/// A command that reads a closure.
enum ClosureReader: String, CaseIterable, Sendable {
    case closure, stage, tar, image
    case dockerBuild = "docker-build"
    case verify

    /// The commands that take ROOT operands.
    static let withRoots = allCases.filter { $0 != .verify }
    /// The commands that take profiles.
    static let withProfiles = withRoots.filter { $0 != .closure }

    /// A script that runs the command with the arguments and then prints the store paths that the command used.
    var script: ByteString {
        switch self {
        case .closure: "\"$0\" closure \"$@\""
        case .stage: "\"$0\" stage -q \"$@\" out && find out -maxdepth 3"
        case .tar: "\"$0\" tar -q \"$@\" -o out.tar && tar -tf out.tar"
        case .image: "\"$0\" image -q --no-cache --layers path --dry-run \"$@\" -o oci:out"
        case .dockerBuild: "\"$0\" docker-build --builder ./builder \"$@\" && tar -tf context"
        // In an empty root file system, each expected store path is missing.
        case .verify:
            """
            mkdir -p empty/nix/store && "$0" verify empty "$@" 2>findings
            status=$?
            cat findings >&2
            grep 'is missing' findings || exit $status
            """
        }
    }
}

/// A store with `app`, which refers to `lib`, and with `other`, and documents about them in the working directory.
struct ClosureFixture {
    static let names = ["app", "lib", "other"]

    /// The store path of that name, whose hash is a letter that stands for the name.
    static func path(_ name: String) -> String { "/nix/store/\(baseName(name))" }

    static func baseName(_ name: String) -> String {
        let letter = ["app": "a", "lib": "b", "other": "c"][name] ?? "d"
        return String(repeating: letter, count: 32) + "-\(name)"
    }

    let scratch: Scratch

    init() throws {
        scratch = try Scratch()
        try TreeBuilder.build(at: scratch.path) { tree in
            try tree.file("root\(ByteString(Self.path("app")))/bin/app", .text("needs \(Self.path("lib"))"))
            try tree.file("root\(ByteString(Self.path("lib")))/lib", .text("lib"))
            try tree.file("root\(ByteString(Self.path("other")))/other", .text("other"))
            try tree.file("builder", .text("#!/bin/sh\ncat >context\n"), Attributes(mode: 0o755))
        }
    }

    func write(_ name: String, _ text: String) throws {
        try TreeBuilder.build(at: scratch.path) { try $0.file(ByteString(name), .text(text)) }
    }

    /// Runs the command with the store and these arguments.
    func run(_ command: ClosureReader, _ arguments: [String]) throws -> CommandResult {
        let words = ["--store-root", "root"] + arguments
        return try Command.run(
            ["bash", "-c", command.script, Repot.path] + words.map { ByteString($0) }, directory: scratch.path)
    }

    /// The names of the store paths that a script printed, in byte order.
    static func names(in result: CommandResult) -> [String] {
        names.filter { result.outputText.contains(baseName($0)) }
    }
}

/// A form of a document that records a closure.
enum DocumentForm: String, CaseIterable, Sendable {
    case list, registration, array, object, attributes

    var recordsReferences: Bool { self != .list }

    func text(_ references: KeyValuePairs<String, [String]>) -> String {
        let path = ClosureFixture.path
        func quoted(_ names: [String]) -> String { names.map { "\"\(path($0))\"" }.joined(separator: ",") }
        let records = references.map { "{\"path\":\(quoted([$0])),\"references\":[\(quoted($1))]}" }
        let array = "[\(records.joined(separator: ","))]"
        return switch self {
        case .list: references.map { "\(path($0.key))\n" }.joined()
        case .registration:
            references.map { "\(path($0))\n\n\($1.count)\n\($1.map { "\(path($0))\n" }.joined())" }.joined()
        case .array: array
        case .object:
            "{\(references.map { "\(quoted([$0])):{\"references\":[\(quoted($1))]}" }.joined(separator: ","))}"
        case .attributes: "{\"exportReferencesGraph\":{\"graph\":[]},\"graph\":\(array)}"
        }
    }
}

extension TreeBuilder {
    /// Adds the store `s` with one store path, and its closure as the file `list`.
    func addSmallStore() throws {
        let path = "/nix/store/00000000000000000000000000000001-app"
        try file(ByteString("s\(path)"), .text("app\n"))
        try file("list", .text("\(path)\n"))
    }
}
