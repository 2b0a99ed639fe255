package import JSON
import SystemCalls

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
    /// The configuration of the image below.
    package var base: JSONValue?
    /// One that somebody wrote. It takes the place of the base's, and what is given above that of both.
    package var written: JSONValue?

    /// A program for this platform is still to be named.
    public init() {}

    /// The configuration of an image with these layers, the lowest first: those of a base, and its own with their
    /// stories.
    func json(baseLayers: [Digest], layers: [(diffID: Digest, story: String)]) -> JSONValue {
        let diffIDs = (baseLayers + layers.map(\.diffID)).map { JSONValue.string($0.description) }
        var members: [(String, JSONValue)] = [
            ("created", .string(created)), ("architecture", .string(platform.architecture)),
            ("os", .string(platform.os)),
        ]
        if let author = [written, base].compactMap({ $0?.present("author") }).first {
            members.append(("author", author))
        }
        if let variant = platform.variant { members.append(("variant", .string(variant))) }
        members += [
            ("config", process), ("rootfs", .object([("type", .string("layers")), ("diff_ids", .array(diffIDs))])),
            ("history", .array(history(baseLayers.count) + layers.map { event($0.story) })),
        ]
        return .object(members)
    }

    /// The history of the base, with an entry for each of its layers that it does not mention. The entry does not name
    /// an author, who is unknown. Source: OCI image specification, config.md, 'history'.
    private func history(_ layers: Int) -> [JSONValue] {
        var told = base?["history"]?.elements ?? []
        var silent = layers - told.count { $0["empty_layer"] != .bool(true) }
        // Docker takes no image that tells of more layers than it has.
        if silent < 0 { (told, silent) = ([], layers) }
        return told + Array(repeating: Self.baseLayer, count: silent)
    }

    private static let baseLayer = JSONValue.object([("comment", .string("layer of the base image"))])

    private func event(_ story: String) -> JSONValue {
        .object([
            ("created", .string(created)), ("created_by", .string("repot image")), ("comment", .string(story)),
        ])
    }

    /// The settings of a container: those of the base, of the file and of the options, merged.
    package var process: JSONValue {
        var process = ProcessSettings()
        for settings in [base?["config"], written?["config"]] { process.add(settings?.members ?? []) }
        process.add(given)
        return process.json
    }

    private var given: [JSONValue.Member] {
        let fields: [(String, JSONValue?)] = [
            ("Entrypoint", entrypoint.isEmpty ? nil : .strings(entrypoint)),
            ("Cmd", command.isEmpty ? nil : .strings(command)), ("Env", .strings(environment)),
            ("User", user.map { .string($0) }), ("WorkingDir", workingDirectory.map { .string($0) }),
            ("StopSignal", stopSignal.map { .string($0) }), ("Labels", .object(labels.map(Self.pair))),
            ("ExposedPorts", .object(ports.map { (Self.port($0), .object([])) })),
            ("Volumes", .object(volumes.map { ($0, .object([])) })),
        ]
        return fields.compactMap { key, value in value.map { JSONValue.Member(key: key, value: $0) } }
    }

    private static func pair(_ label: String) -> (String, JSONValue) {
        let parts = label.split(atFirst: "=")
        return (parts[0], .string(parts.count == 2 ? parts[1] : ""))
    }

    private static func port(_ text: String) -> String { text.contains("/") ? text : "\(text)/tcp" }
}

/// The `config` object of several sources, each on top of those before.
private struct ProcessSettings {
    private var fields: [TextBytes: JSONValue] = [:]

    /// Variables, labels, ports and volumes come together; of anything else what is on top counts.
    mutating func add(_ members: [JSONValue.Member]) {
        // The arguments below were meant for the program below.
        if members.contains(where: { $0.key == "Entrypoint" && $0.value != .null }) { fields[TextBytes("Cmd")] = nil }
        for member in members where member.value != .null {
            let key = TextBytes(member.key)
            switch member.key {
            case "Env":
                let variables = merged(fields[key]?.elements ?? [], member.value.elements ?? [])
                if !variables.isEmpty { fields[key] = .array(variables) }
            case "Labels", "ExposedPorts", "Volumes":
                let pairs = merged(fields[key]?.members ?? [], member.value.members ?? [])
                if !pairs.isEmpty { fields[key] = .members(pairs) }
            // Docker writes all of them, and an empty one says nothing.
            case "User", "WorkingDir", "StopSignal":
                if member.value.string != "" { fields[key] = member.value }
            default: fields[key] = member.value
            }
        }
    }

    var json: JSONValue { .object(fields.sorted { $0.key < $1.key }.map { ($0.key.text, $0.value) }) }

    /// Variables that are set again get their new value where they stand.
    private func merged(_ below: [JSONValue], _ above: [JSONValue]) -> [JSONValue] {
        var all = below
        var places: [TextBytes: Int] = [:]
        for (place, variable) in below.enumerated() {
            guard let parts = variable.string?.split(atFirst: "="), parts.count == 2 else { continue }
            places[TextBytes(parts[0])] = places[TextBytes(parts[0])] ?? place
        }
        for variable in above {
            let parts = (variable.string ?? "").split(atFirst: "=")
            if let place = places[TextBytes(parts[0])] {
                all[place] = variable
            } else {
                if parts.count == 2 { places[TextBytes(parts[0])] = all.count }
                all.append(variable)
            }
        }
        return all
    }

    /// Sorted, as Docker writes them.
    private func merged(_ below: [JSONValue.Member], _ above: [JSONValue.Member]) -> [JSONValue.Member] {
        let pairs = Dictionary((below + above).map { (TextBytes($0.key), $0.value) }) { _, last in last }
        return pairs.sorted { $0.key < $1.key }.map { JSONValue.Member(key: $0.key.text, value: $0.value) }
    }
}

extension JSONValue {
    static func strings(_ texts: [String]) -> JSONValue { .array(texts.map { .string($0) }) }
}
