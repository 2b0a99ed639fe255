package import JSON

/// Documents of programs in Go, which write null for an empty list, object or text, and for a value that is absent.
extension JSONValue {
    /// The elements of a list; none for null, and nil for any other value.
    package var nullableElements: [JSONValue]? { self == .null ? [] : elements }

    /// The value of the key; nil for null as well.
    package func present(_ key: String) -> JSONValue? { self[key].flatMap { $0 == .null ? nil : $0 } }
}
