package import SystemCalls

/// A change of a file's content that its metadata proves.
package enum ContentChange: Sendable {
    case growth, truncation, rewriting
}

extension Descriptor {
    /// Returns how the content has changed since that metadata was read, or nil without proof of a change. Another
    /// modification time is no proof where times move by themselves.
    package func contentChange(since before: Metadata) throws(Errno) -> ContentChange? {
        let now = try metadata()
        if now.size != before.size { return now.size > before.size ? .growth : .truncation }
        if now.modified == before.modified { return nil }
        return try hasMovingTime() ? nil : .rewriting
    }

    /// Whether the file system reports the current time as modification time, as FUSE file systems with generated content
    /// do: then, calls right after each other have different answers.
    package func hasMovingTime() throws(Errno) -> Bool {
        let answers = [try currentMetadata().modified, try currentMetadata().modified, try currentMetadata().modified]
        return answers[0] != answers[1] && answers[1] != answers[2]
    }
}
