import ArgumentParser
import Image
import JSON
import SystemCalls

/// A configuration that the user has written: an image's, or its `config` object alone, as dockerTools takes it.
/// Source: OCI image specification, config.md; Docker's own keys beside them.
struct WrittenConfiguration {
    private enum Form { case text, texts, pairs, sets, any }

    private static let settings: [String: Form] = [
        "User": .text, "WorkingDir": .text, "StopSignal": .text, "Entrypoint": .texts, "Cmd": .texts, "Env": .texts,
        "Shell": .texts, "OnBuild": .texts, "Labels": .pairs, "ExposedPorts": .sets, "Volumes": .sets,
        "ArgsEscaped": .any,
        "Healthcheck": .any, "StopTimeout": .any, "Memory": .any, "MemorySwap": .any, "CpuShares": .any,
    ]
    private static let wholeKeys = ["config", "architecture", "os", "rootfs", "history", "created"]

    /// A whole configuration, whatever was written.
    let json: JSONValue

    init(reading path: Path) throws {
        let content: [UInt8]
        do throws(Errno) { content = try Directory.current.readInput(Name(path)) } catch {
            throw ValidationError("--config: cannot read \(path.quoted): \(error.message)")
        }
        let value: JSONValue
        do throws(JSONReader.Failure) { value = try JSONReader.value(of: content) } catch {
            throw ValidationError("--config \(path.quoted): line \(error.line): \(error.expected) is expected")
        }
        try self.init(value)
    }

    /// Throws a `ValidationError` for what is no configuration.
    init(_ value: JSONValue) throws {
        guard let members = value.members else { throw Self.wrong("it is no object") }
        let isWhole = members.contains { Self.wholeKeys.contains($0.key) }
        json = isWhole ? value : .object([("config", value)])
        try Self.check(top: json)
        guard let config = json["config"] else { return }
        guard let settings = config.members else { throw Self.wrong("'config' is no object") }
        for setting in settings { try Self.check(setting) }
    }

    private static func wrong(_ what: String) -> ValidationError { ValidationError("--config: \(what)") }

    private static func check(top json: JSONValue) throws {
        if let os = json["os"], os != .string("linux") { throw wrong("'os' has to be \"linux\"") }
        if let architecture = json["architecture"] {
            guard let name = architecture.string, Architecture.known.contains(name) else {
                throw wrong("'architecture' has to be one of \(Architecture.known.joined(separator: ", "))")
            }
        }
        if let created = json["created"], created.string.flatMap({ ImageMoment($0) }) == nil {
            throw wrong("'created' has to be a time such as \"2026-01-31T12:00:00Z\"")
        }
    }

    private static func check(_ setting: JSONValue.Member) throws {
        let key = setting.key
        guard let form = settings[key] else {
            // Others may know more keys; one in other letters is a slip that nobody would see.
            if let meant = settings.keys.first(where: { $0.lowercased() == key.lowercased() }) {
                throw wrong("'\(key)' has to be written '\(meant)'")
            }
            return
        }
        let value = setting.value
        switch form {
        case _ where value == .null: break
        case .any: break
        case .text: if value.string == nil { throw wrong("'\(key)' has to be a text") }
        case .texts:
            guard let elements = value.elements, elements.allSatisfy({ $0.string != nil }) else {
                throw wrong("'\(key)' has to be a list of texts")
            }
            if key == "Env", let bad = elements.compactMap(\.string).first(where: { !$0.dropFirst().contains("=") }) {
                throw wrong("'Env' has to hold NAME=VALUE, not '\(bad)'")
            }
        case .pairs:
            guard let members = value.members, members.allSatisfy({ $0.value.string != nil }) else {
                throw wrong("'\(key)' has to be an object of texts")
            }
        case .sets: if value.members == nil { throw wrong("'\(key)' has to be an object such as {\"80/tcp\": {}}") }
        }
    }
}
