package import SystemCalls

/// A change of a file's content that its metadata proves.
package enum ContentChange: Sendable {
    case growth, truncation, rewriting
}

extension Descriptor {
    /// Returns how the content has changed since that metadata was read, or nil without proof of a change. Another
    /// modification time is no proof where times move by themselves.
    package func contentChange(since before: Metadata) throws(Errno) -> ContentChange? {
        change(from: before, to: try metadata())
    }

    /// Returns how the content has changed between two stats, of which the second was made just now.
    package func change(from before: Metadata, to now: Metadata) -> ContentChange? {
        if now.size != before.size { return now.size > before.size ? .growth : .truncation }
        return now.modified == before.modified || hasTimeOfNow ? nil : .rewriting
    }

    /// Whether the file system reports the current time as the modification time of the file whenever it is asked, as
    /// FUSE file systems with generated content do. The kernel's own times lag behind the clock, and a writer would have
    /// to write between each reading of the clock and the stat that follows.
    package var hasTimeOfNow: Bool {
        (0..<4).allSatisfy { _ in
            let before = wallClock()
            guard let modified = try? currentMetadata().modified else { return false }
            return (before.seconds, before.nanoseconds) <= (modified.seconds, modified.nanoseconds)
        }
    }
}
