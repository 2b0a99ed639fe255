package import JSON

/// Access to documents of Go programs, which write null for an empty list, object or text, and for an absent value.
extension JSONValue {
    /// The elements of a list; none for null, and nil for any other value.
    package var nullableElements: [JSONValue]? { self == .null ? [] : elements }

    /// The value of the key; nil if the key is absent or its value is null.
    package func present(_ key: String) -> JSONValue? { self[key].flatMap { $0 == .null ? nil : $0 } }
}
