import SystemCalls

extension ContentCopy {
    /// Whether there is content beyond a size that still stands, which then was no size: some FUSE file systems have
    /// the same for each file. A size that differs now is a change; called as `cp`, the copy ends at the first size.
    func hasContentBeyondSize(
        _ source: borrowing Descriptor, _ before: Metadata, isCleared: Bool
    ) throws(Failure) -> Bool {
        let now = try attempt(.inspect, .source) { () throws(Errno) in try source.metadata() }
        if now.size <= before.size { return true }
        if run.options.actsAsGNU { return false }
        throw changed("it grew", isCleared: isCleared)
    }

    /// Throws if the file has another size, a new time, or no name any more.
    func refuseChanged(
        _ source: borrowing Descriptor, _ before: Metadata, isCleared: Bool
    ) throws(Failure) {
        // Each write to a FIFO gives it another time.
        guard before.kind == .regular, !run.options.actsAsGNU else { return }
        let now = try attempt(.inspect, .source) { () throws(Errno) in try source.metadata() }
        if now.size != before.size {
            throw changed(now.size > before.size ? "it grew" : "it was truncated", isCleared: isCleared)
        }
        if now.modified != before.modified, !source.hasTimeOfNow {
            throw changed("it was written to", isCleared: isCleared)
        }
        if now.links == 0, before.links > 0 { throw changed("it was replaced", isCleared: isCleared) }
    }

    func changed(_ how: String, isCleared: Bool) -> Failure {
        .changed(replacesContent && isCleared ? "\(how), and the old content of its copy is lost" : how)
    }
}

extension Descriptor {
    /// Whether the file system reports the current time as the modification time of the file whenever it is asked.
    /// The kernel's own times lag behind the clock, and a writer would have to write between each clock read and stat.
    fileprivate var hasTimeOfNow: Bool {
        (0..<4).allSatisfy { _ in
            let before = wallClock()
            guard let modified = try? metadata().modified else { return false }
            return (before.seconds, before.nanoseconds) <= (modified.seconds, modified.nanoseconds)
        }
    }
}
