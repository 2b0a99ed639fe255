import SystemCalls

/// Whether source and destination are one file in a way that forbids to go on, whatever names lead to it.
///
/// The table is that of GNU cp: what may be done with two names of one file depends on which of them are symlinks, on
/// whether both are one directory entry, and on what happens to the destination before it is opened.
struct SameFile {
    enum Verdict {
        /// They are different, or the destination is out of the way before the source is needed.
        case harmless
        /// All that was asked for is so already.
        case done
        case forbidden
    }

    let site: CopySite
    let options: CopyOptions
    /// As the run looks at them: through symlinks or not.
    let source: Metadata
    let present: Metadata

    private var overwriting: Overwriting { options.existing.overwriting ?? Overwriting() }
    private var isLinking: Bool { options.strategy == .hardlink }
    private var isSame: Bool { source.identity == present.identity }

    func verdict() -> Verdict {
        if isSame, isLinking { return .done }
        return options.dereference == .never ? verdictOnNames() : verdictOnTargets()
    }

    /// Where symlinks are copied as what they are.
    private func verdictOnNames() -> Verdict {
        guard source.kind == .symlink, present.kind == .symlink else {
            return verdict(source, present, isSameLink: isSame)
        }
        if isSameName { return .forbidden }
        if overwriting.backup != nil { return .harmless }
        // Two names of one symlink: it is what it should be.
        return isSame ? .done : .harmless
    }

    private func verdictOnTargets() -> Verdict {
        guard isSame, let source = link(site.source, site.sourceName), let present = link(site.destination, site.name)
        else { return .harmless }
        if source.kind == .symlink, present.kind == .symlink, removesFirst { return .harmless }
        return verdict(source, present, isSameLink: source.identity == present.identity)
    }

    private func verdict(_ source: Metadata, _ present: Metadata, isSameLink: Bool) -> Verdict {
        if overwriting.backup != nil {
            if isSameLink { return isSameName ? .forbidden : .harmless }
            // The backup would leave the source's symlink pointing at nothing.
            let breaksSource = options.dereference != .never && source.kind == .symlink && present.kind != .symlink
            return breaksSource ? .forbidden : .harmless
        }
        if removesFirst {
            if present.kind == .symlink { return .harmless }
            if isSameLink, present.links > 1, !isSameName { return .harmless }
        }
        if source.kind != .symlink, present.kind != .symlink {
            if source.identity != present.identity { return .harmless }
            if isLinking { return .done }
        }
        if options.strategy == .symlink, present.kind == .symlink { return .harmless }
        return options.dereference == .never ? verdictBehindNames(source, present) : .forbidden
    }

    /// A symlink and what it leads to.
    private func verdictBehindNames(_ source: Metadata, _ present: Metadata) -> Verdict {
        guard let from = source.kind == .symlink ? target(site.source, site.sourceName) : source,
            let to = present.kind == .symlink ? target(site.destination, site.name) : present,
            from.identity == to.identity
        else { return .harmless }
        guard isLinking else { return .forbidden }
        return present.kind == .symlink ? .harmless : .done
    }

    private var removesFirst: Bool { overwriting.removesFirst }

    /// One directory entry by two paths.
    private var isSameName: Bool {
        guard Path(site.sourceName.bytes).lastComponent == Path(site.name.bytes).lastComponent else { return false }
        let parent = Path(site.sourceName.bytes).parent
        let from = try? site.source.metadata(of: Name(parent), following: true).identity
        let to = try? site.destination.metadata(of: Name("."), following: true).identity
        return from != nil && from == to
    }

    private func link(_ directory: Directory, _ name: Name) -> Metadata? {
        try? directory.metadata(of: name, following: false)
    }

    private func target(_ directory: Directory, _ name: Name) -> Metadata? {
        try? directory.metadata(of: name, following: true)
    }
}
