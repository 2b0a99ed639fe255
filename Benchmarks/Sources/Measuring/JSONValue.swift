/// A value to be written as JSON, the members of an object in the order given.
package indirect enum JSONValue {
    case string(String)
    case number(Double)
    case bool(Bool)
    case array([JSONValue])
    case object([(name: String, value: JSONValue)])

    /// One line.
    package var text: String {
        switch self {
        case .string(let string): Self.quoted(string)
        case .number(let number): number == number.rounded() ? fixed(number, digits: 0) : fixed(number, digits: 6)
        case .bool(let bool): bool ? "true" : "false"
        case .array(let values): "[" + values.map(\.text).joined(separator: ", ") + "]"
        case .object(let members):
            "{" + members.map { "\(Self.quoted($0.name)): \($0.value.text)" }.joined(separator: ", ") + "}"
        }
    }

    private static func quoted(_ string: String) -> String {
        let characters = string.unicodeScalars.map { scalar in
            switch scalar {
            case "\"", "\\": "\\\(scalar)"
            case _ where scalar.value < 0x20: "\\u00" + (scalar.value < 16 ? "0" : "") + String(scalar.value, radix: 16)
            default: String(scalar)
            }
        }
        return "\"" + characters.joined() + "\""
    }
}
