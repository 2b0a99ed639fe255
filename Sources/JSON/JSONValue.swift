import SystemCalls

/// A value of JSON, written with its keys in the order given. Source: RFC 8259.
package enum JSONValue: Hashable, Sendable {
    case null
    case bool(Bool)
    case number(Double)
    case string(String)
    case array([JSONValue])
    case members([Member])

    /// A key and its value.
    package struct Member: Hashable, Sendable {
        package let key: String
        package let value: JSONValue

        package init(key: String, value: JSONValue) {
            self.key = key
            self.value = value
        }
    }

    package static func object(_ members: [(String, JSONValue)]) -> JSONValue {
        .members(members.map { Member(key: $0, value: $1) })
    }

    /// The value as JSON in one line. Characters that control a terminal are escaped.
    package var text: String {
        var text = ""
        append(to: &text)
        return text
    }

    /// The beginning of the text, for messages about documents from outside; an ellipsis stands for the rest.
    package var textStart: String {
        var start = ""
        append(to: &start, limit: Self.maxStart)
        return start.utf8.count <= Self.maxStart ? start : String(start.unicodeScalars.prefix(Self.maxStart)) + "…"
    }

    private static let maxStart = 8192

    /// Appends the text until it is longer than the limit.
    private func append(to text: inout String, limit: Int = .max) {
        if text.utf8.count > limit { return }
        switch self {
        case .null: text += "null"
        case .bool(let value): text += value ? "true" : "false"
        case .number(let value): text += Int64(exactly: value).map { String($0) } ?? String(value)
        case .string(let value): Self.append(value, to: &text, limit)
        case .array(let values):
            text += "["
            for (index, value) in values.enumerated() where text.utf8.count <= limit {
                if index > 0 { text += "," }
                value.append(to: &text, limit: limit)
            }
            text += "]"
        case .members(let pairs):
            text += "{"
            for (index, pair) in pairs.enumerated() where text.utf8.count <= limit {
                if index > 0 { text += "," }
                Self.append(pair.key, to: &text, limit)
                text += ":"
                pair.value.append(to: &text, limit: limit)
            }
            text += "}"
        }
    }

    private static func append(_ string: String, to text: inout String, _ limit: Int) {
        text += "\""
        defer { text += "\"" }
        if limit == .max, string.utf8.allSatisfy(isPlain) {
            text += string
            return
        }
        for scalar in string.unicodeScalars.prefix(limit) {
            switch scalar {
            case "\"": text += "\\\""
            case "\\": text += "\\\\"
            case _ where scalar.controlsTerminal:
                for unit in String(scalar).utf16 {
                    let digits = String(unit, radix: 16)
                    text += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
                }
            default: text.unicodeScalars.append(scalar)
            }
        }
    }

    private static func isPlain(_ byte: UInt8) -> Bool {
        (0x20..<0x7f).contains(byte) && byte != UInt8(ascii: "\"") && byte != UInt8(ascii: "\\")
    }
}

extension JSONValue {
    /// An object's members in their order; nil for anything else.
    package var members: [Member]? { if case .members(let members) = self { members } else { nil } }

    /// A list's elements.
    package var elements: [JSONValue]? { if case .array(let values) = self { values } else { nil } }

    package var string: String? { if case .string(let text) = self { text } else { nil } }

    package var number: Double? { if case .number(let number) = self { number } else { nil } }

    /// The value of the last member with that key, as most readers have it.
    package subscript(key: String) -> JSONValue? { members?.last { $0.key == key }?.value }
}
