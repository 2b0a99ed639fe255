import ArgumentParser
import Image
import JSON
import SystemCalls

/// A configuration that the user has written: an image's, or its `config` object alone, as dockerTools takes it.
/// Source: OCI image specification, config.md; Docker's own keys beside them.
struct WrittenConfiguration {
    private static let wholeKeys = [
        "config", "architecture", "os", "rootfs", "history", "created", "author", "variant",
    ]

    /// A whole configuration, whatever was written. What is null there is left out.
    let json: JSONValue

    /// Reads a file, or standard input for `-`.
    init(reading path: Path) throws {
        let isInput = path == "-"
        let name = isInput ? "standard input" : path.quoted
        let content: [UInt8]
        do throws(Errno) {
            content =
                isInput
                ? try Console.readInput(atMost: maxDocumentSize)
                : try Directory.current.readInput(Name(path), atMost: maxDocumentSize)
        } catch {
            throw ValidationError("--config: cannot read \(name): \(error.message)")
        }
        let value: JSONValue
        do throws(JSONReader.Failure) { value = try JSONReader.value(of: content) } catch {
            throw ValidationError("--config \(name): line \(error.line): \(error.expected) is expected")
        }
        guard let members = value.members else { throw ValidationError("--config \(name): it is no object") }
        let isWhole = members.contains { Self.wholeKeys.contains($0.key) }
        json = isWhole ? .members(members.filter { $0.value != .null }) : .object([("config", value)])
        if let fault = Self.fault(of: json) { throw ValidationError("--config \(name): \(fault)") }
    }

    /// nil for a configuration that everybody can read.
    private static func fault(of json: JSONValue) -> String? {
        let top = (json.members ?? []).lazy.compactMap { member in
            fault(of: member, ConfigurationForm.image)
        }
        let settings = (json["config"]?.members ?? []).lazy.compactMap { member in
            member.value.keyOfNUL(member.key).map { "'\($0)' has a NUL character, which ends a text" }
                ?? slip(in: member.key) ?? fault(of: member, ConfigurationForm.settings)
        }
        return top.first ?? platformFault(of: json) ?? settings.first
    }

    private static func fault(of member: JSONValue.Member, _ forms: [String: ConfigurationForm]) -> String? {
        forms[member.key]?.fault(of: member.value, member.key)
    }

    /// Others may know more keys; one in other letters is a slip that nobody would see.
    private static func slip(in key: String) -> String? {
        guard ConfigurationForm.settings[key] == nil else { return nil }
        let meant = ConfigurationForm.settings.keys.first { $0.lowercased() == key.lowercased() }
        return meant.map { "'\(key)' has to be written '\($0)'" }
    }

    private static func platformFault(of json: JSONValue) -> String? {
        if let os = json["os"], os != .string("linux") { return "'os' has to be \"linux\"" }
        if let architecture = json["architecture"], !Architecture.known.contains(architecture.string ?? "") {
            return "'architecture' has to be one of \(Architecture.known.joined(separator: ", "))"
        }
        if let created = json["created"], created.string.flatMap({ ImageMoment($0) }) == nil {
            return "'created' has to be a time such as \"2026-01-31T12:00:00Z\""
        }
        return nil
    }
}
