import JSON

/// What a key of an image's configuration holds. Sources: OCI image specification, config.md; moby,
/// api/types/container/config.go, for Docker's own keys.
indirect enum ConfigurationForm: Sendable {
    case text
    /// One that is empty says nothing, as Docker writes it.
    case ruled(ConfigurationRule)
    case texts
    case variables
    case number
    case flag
    case list
    case object
    /// An object of texts.
    case pairs
    /// An object whose keys count.
    case set(ConfigurationRule, example: String)
    case fields([String: ConfigurationForm])

    static let settings: [String: ConfigurationForm] = [
        "User": .ruled(.user), "WorkingDir": .ruled(.folder), "StopSignal": .ruled(.signal), "Entrypoint": .texts,
        "Cmd": .texts, "Env": .variables, "Shell": .texts, "OnBuild": .texts, "Labels": .pairs,
        "ExposedPorts": .set(.port, example: "80/tcp"), "Volumes": .set(.folder, example: "/data"),
        "ArgsEscaped": .flag, "Healthcheck": .fields(check), "StopTimeout": .number, "Memory": .number,
        "MemorySwap": .number, "CpuShares": .number, "Hostname": .text, "Domainname": .text, "Image": .text,
        "MacAddress": .text, "AttachStdin": .flag, "AttachStdout": .flag, "AttachStderr": .flag, "Tty": .flag,
        "OpenStdin": .flag, "StdinOnce": .flag, "NetworkDisabled": .flag,
    ]

    private static let check: [String: ConfigurationForm] = [
        "Test": .texts, "Interval": .number, "Timeout": .number, "StartPeriod": .number, "StartInterval": .number,
        "Retries": .number,
    ]

    static let image: [String: ConfigurationForm] = [
        "author": .text, "variant": .text, "os.version": .text, "os.features": .texts, "config": .object,
        "rootfs": .object, "history": .list,
    ]

    /// nil where the value is one, or null, which stands for none; otherwise what the key has to be.
    func fault(of value: JSONValue, _ key: String) -> String? {
        if value == .null { return nil }
        switch self {
        case .text: return value.string == nil ? "'\(key)' has to be a text" : nil
        case .ruled(let rule): return fault(of: value, key, rule)
        case .texts: return value.texts == nil ? "'\(key)' has to be a list of texts" : nil
        case .variables:
            guard let texts = value.texts else { return "'\(key)' has to be a list of texts" }
            let wrong = texts.first { !ConfigurationRule.variable.holds(for: $0) }
            return wrong.map { "'\(key)' has to hold \(ConfigurationRule.variable.words), not '\($0)'" }
        case .number:
            return value.number.flatMap { Int64(exactly: $0) } == nil ? "'\(key)' has to be a whole number" : nil
        case .flag: return value == .bool(true) || value == .bool(false) ? nil : "'\(key)' has to be true or false"
        case .list: return value.elements == nil ? "'\(key)' has to be a list" : nil
        case .object: return value.members == nil ? "'\(key)' is no object" : nil
        case .pairs:
            let areTexts = value.members?.allSatisfy { $0.value.string != nil } ?? false
            return areTexts ? nil : "'\(key)' has to be an object of texts"
        case .set(let rule, let example): return fault(of: value, key, rule, example)
        case .fields(let forms): return fault(of: value, key, forms)
        }
    }

    private func fault(of value: JSONValue, _ key: String, _ rule: ConfigurationRule) -> String? {
        guard let text = value.string else { return "'\(key)' has to be a text" }
        return text.isEmpty || rule.holds(for: text) ? nil : "'\(key)' has to be \(rule.words), not '\(text)'"
    }

    private func fault(of value: JSONValue, _ key: String, _ rule: ConfigurationRule, _ example: String) -> String? {
        guard let members = value.members, members.allSatisfy({ $0.value == .members([]) }) else {
            return "'\(key)' has to be an object such as {\"\(example)\": {}}"
        }
        let wrong = members.first { !rule.holds(for: $0.key) }
        return wrong.map { "'\(key)' has to hold \(rule.words), not '\($0.key)'" }
    }

    private func fault(of value: JSONValue, _ key: String, _ forms: [String: ConfigurationForm]) -> String? {
        guard let members = value.members else { return "'\(key)' has to be an object" }
        return members.lazy.compactMap { forms[$0.key]?.fault(of: $0.value, "\(key).\($0.key)") }.first
    }
}

extension JSONValue {
    /// The key of the first text with a NUL character in the value, the keys above it included; nil if there is none.
    /// Such a text would end early in a program's arguments and in its environment.
    func keyOfNUL(_ key: String) -> String? {
        switch self {
        case .string(let text): text.utf8.contains(0) ? key : nil
        case .array(let values): values.lazy.compactMap { $0.keyOfNUL(key) }.first
        case .members(let members):
            members.lazy.compactMap { member in
                member.key.utf8.contains(0) ? key : member.value.keyOfNUL("\(key).\(member.key)")
            }.first
        case .null, .bool, .number: nil
        }
    }

    /// nil for anything but a list of them.
    fileprivate var texts: [String]? {
        guard let elements, elements.allSatisfy({ $0.string != nil }) else { return nil }
        return elements.compactMap(\.string)
    }
}
