import FileTree
import SystemCalls

extension ContentCopy {
    /// Whether the content goes beyond a size that a second stat confirms: some FUSE file systems report one size for
    /// all files, and lxcfs another size at each stat. Otherwise a larger size is a change; called as `cp`, the copy ends
    /// at the first size.
    func hasContentBeyondSize(
        _ source: borrowing Descriptor, _ before: Metadata, isCleared: Bool
    ) throws(Failure) -> Bool {
        let now = try attempt(.inspect, .source) { () throws(Errno) in try source.metadata() }
        if now.size <= before.size || source.hasTimeOfNow { return true }
        if run.options.actsAsGNU { return false }
        throw changed("it grew", isCleared: isCleared)
    }

    /// Throws if the file has another size, a new time, or no name any more. Another size is no proof of a change where
    /// the content is generated when it is read.
    func refuseChanged(
        _ source: borrowing Descriptor, _ before: Metadata, isCleared: Bool
    ) throws(Failure) {
        // Each write to a FIFO gives it another time.
        guard before.kind == .regular, !run.options.actsAsGNU else { return }
        let now = try attempt(.inspect, .source) { () throws(Errno) in try source.metadata() }
        switch source.change(from: before, to: now) {
        case .growth where source.hasTimeOfNow, .truncation where source.hasTimeOfNow: break
        case .growth: throw changed("it grew", isCleared: isCleared)
        case .truncation: throw changed("it was truncated", isCleared: isCleared)
        case .rewriting: throw changed("it was written to", isCleared: isCleared)
        case nil: break
        }
        if now.links == 0, before.links > 0 { throw changed("it was replaced", isCleared: isCleared) }
    }

    func changed(_ how: String, isCleared: Bool) -> Failure {
        .changed(replacesContent && isCleared ? "\(how), and the old content of its copy is lost" : how)
    }
}
