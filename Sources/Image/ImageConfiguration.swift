package import JSON

/// How an image is run, and what it says of itself. Source: OCI image specification, config.md.
public struct ImageConfiguration: Sendable {
    /// When it was made: RFC 3339.
    public var created = "1970-01-01T00:00:01Z"
    /// What it runs on.
    public var platform = Platform(os: "linux", architecture: "amd64")
    /// The program and its first arguments.
    public var entrypoint: [String] = []
    /// Its further arguments, or the program where there is no entrypoint.
    public var command: [String] = []
    /// `NAME=VALUE`.
    public var environment: [String] = []
    /// Whom it runs as: USER[:GROUP].
    public var user: String?
    /// Where it starts.
    public var workingDirectory: String?
    /// `NAME=VALUE`.
    public var labels: [String] = []
    /// `NUMBER/tcp` or `/udp`.
    public var ports: [String] = []
    /// Folders with data of their own.
    public var volumes: [String] = []
    /// The signal that ends it.
    public var stopSignal: String?
    /// What it begins with: another image's configuration, or one that the user wrote. What is given above takes its place.
    package var base: JSONValue?

    /// A program for this platform is still to be named.
    public init() {}

    /// The configuration of an image with these layers, the lowest first: those of a base, and its own with their stories.
    func json(baseLayers: [Digest], layers: [(diffID: Digest, story: String)]) -> JSONValue {
        let old = base?["history"]?.elements ?? []
        let history =
            old
            + layers.map { layer in
                .object([
                    ("created", .string(created)), ("created_by", .string("repot image")),
                    ("comment", .string(layer.story)),
                ])
            }
        let diffIDs = (baseLayers + layers.map(\.diffID)).map { JSONValue.string($0.description) }
        var members: [(String, JSONValue)] = [
            ("created", .string(created)), ("architecture", .string(platform.architecture)),
            ("os", .string(platform.os)),
        ]
        if let author = base?["author"] { members.append(("author", author)) }
        if let variant = base?["variant"] { members.append(("variant", variant)) }
        members += [
            ("config", process), ("rootfs", .object([("type", .string("layers")), ("diff_ids", .array(diffIDs))])),
            ("history", .array(history)),
        ]
        return .object(members)
    }

    /// The part that says how it is run.
    private var process: JSONValue {
        var fields = Dictionary(
            (base?["config"]?.members ?? []).map { ($0.key, $0.value) }, uniquingKeysWith: { _, last in last })
        if !entrypoint.isEmpty {
            fields["Entrypoint"] = .strings(entrypoint)
            // The base's arguments were meant for the base's program.
            fields["Cmd"] = nil
        }
        if !command.isEmpty { fields["Cmd"] = .strings(command) }
        if !environment.isEmpty { fields["Env"] = .strings(Self.merged(fields["Env"], environment)) }
        if let user { fields["User"] = .string(user) }
        if let workingDirectory { fields["WorkingDir"] = .string(workingDirectory) }
        if let stopSignal { fields["StopSignal"] = .string(stopSignal) }
        if !labels.isEmpty { fields["Labels"] = Self.merged(fields["Labels"], labels.map(Self.pair)) }
        if !ports.isEmpty {
            fields["ExposedPorts"] = Self.merged(fields["ExposedPorts"], ports.map { (Self.port($0), .object([])) })
        }
        if !volumes.isEmpty { fields["Volumes"] = Self.merged(fields["Volumes"], volumes.map { ($0, .object([])) }) }
        return .object(fields.sorted { $0.key < $1.key }.map { ($0.key, $0.value) })
    }

    /// Variables of the base that are set again get their new value where they stand.
    private static func merged(_ base: JSONValue?, _ variables: [String]) -> [String] {
        var all = (base?.elements ?? []).compactMap(\.string)
        for variable in variables {
            let name = variable.prefix { $0 != "=" } + "="
            if let place = all.firstIndex(where: { $0.hasPrefix(name) }) {
                all[place] = variable
            } else {
                all.append(variable)
            }
        }
        return all
    }

    private static func merged(_ base: JSONValue?, _ more: [(String, JSONValue)]) -> JSONValue {
        var fields = Dictionary((base?.members ?? []).map { ($0.key, $0.value) }, uniquingKeysWith: { _, last in last })
        for (key, value) in more { fields[key] = value }
        return .object(fields.sorted { $0.key < $1.key }.map { ($0.key, $0.value) })
    }

    private static func pair(_ label: String) -> (String, JSONValue) {
        let parts = label.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
        return (String(parts[0]), .string(parts.count == 2 ? String(parts[1]) : ""))
    }

    private static func port(_ text: String) -> String { text.contains("/") ? text : "\(text)/tcp" }
}

extension JSONValue {
    static func strings(_ texts: [String]) -> JSONValue { .array(texts.map { .string($0) }) }
}
