import SystemCalls

/// How the content of a file got there, in the words of `cp --debug`. Source: coreutils, 'cp invocation'.
public struct ContentMethod: Sendable, Hashable {
    /// Whether something was done.
    public enum Answer: String, Sendable {
        case yes, no, avoided, unsupported, unknown
    }

    /// Where holes were looked for.
    public enum Holes: String, Sendable {
        /// Nowhere.
        case none = "no"
        /// In the source's extents.
        case extents = "SEEK_HOLE"
        /// In blocks of zeros.
        case zeros = "zeros"
        /// Not by us.
        case unknown
    }

    /// copy_file_range(2): inside the kernel, or on the server.
    public let offload: Answer
    /// ioctl_ficlone(2).
    public let reflink: Answer
    /// Holes.
    public let holes: Holes
}

extension Worker {
    /// How the file was filled, from what is known of the two volumes since then.
    func method(_ strategy: Strategy, _ metadata: Metadata, _ site: CopySite) -> ContentMethod {
        if strategy == .reflink { return ContentMethod(offload: .unknown, reflink: .yes, holes: .unknown) }
        return ContentMethod(
            offload: offload(metadata, site), reflink: run.options.strategy == .copy ? .no : .unsupported,
            holes: run.options.sparse == .always ? .zeros : metadata.mayHaveHoles ? .extents : .none)
    }

    private func offload(_ metadata: Metadata, _ site: CopySite) -> ContentMethod.Answer {
        let isTried = run.options.strategy != .copy && run.options.sparse == .auto && metadata.size > Worker.smallBytes
        guard isTried else { return .avoided }
        return site.ladder.range.isOpen ? .yes : .unsupported
    }
}
