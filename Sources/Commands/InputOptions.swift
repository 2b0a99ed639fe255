import ArgumentParser

/// Throws an error if two options read standard input, since the second one would find it empty.
///
/// - Parameter options: the values of each option; `-` is standard input.
func requireOneReaderOfInput(_ options: KeyValuePairs<String, [String]>) throws(ValidationError) {
    let readers = options.flatMap { name, values in values.filter { $0 == "-" }.map { "\(name) \($0)" } }
    if readers.count > 1 {
        throw ValidationError(
            "\(readers.joined(separator: " and ")): standard input is read once; give one of them a file")
    }
}
