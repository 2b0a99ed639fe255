import SystemCalls

/// What became of a file.
enum Placement {
    /// It is in place.
    case placed
    /// It was there already and stays, as asked.
    case skipped
    /// The strategy does not work here; the next one takes over.
    case unsupported(Errno)
}

/// A way for a regular file to reach the destination, by its names alone or with its source open.
protocol FilePlacer {
    /// Makes `site.name`, complete or not at all.
    static func place(_ site: CopySite, _ worker: inout Worker) throws(Failure) -> Placement
}

/// A way to fill a new, empty file: the lower rungs share its creation and its metadata.
protocol ContentFiller {
    /// Fills the file; `.unsupported` leaves it empty.
    static func fill(
        _ destination: borrowing Descriptor, from source: borrowing Descriptor, _ metadata: Metadata,
        _ site: CopySite, _ worker: borrowing Worker
    ) throws(Failure) -> Placement
}

extension Worker {
    /// Takes the first strategy that works.
    mutating func placeRegular(_ site: CopySite) throws(Failure) {
        if run.options.strategy == .hardlink {
            switch try HardLinkPlacer.place(site, &self) {
            case .placed:
                tally.linked.increment()
                return
            case .skipped:
                tally.skipped.increment()
                return
            case .unsupported(let errno):
                try stepDown(from: .hardlink, errno, site)
            }
        }
        if case .skipped = try NewFilePlacer.place(site, &self) { tally.skipped.increment() }
    }

    /// Counts a file that takes a lower strategy than the first; with `--strict` that is an error.
    func stepDown(from strategy: Strategy, _ errno: Errno, _ site: CopySite) throws(Failure) {
        if run.options.isStrict { throw refusal(strategy, errno, site) }
        run.findings.add(fallback: errno.plainReason)
    }

    func refusal(_ strategy: Strategy, _ errno: Errno, _ site: CopySite) -> Failure {
        guard errno.isOwn else { return .failed(strategy == .hardlink ? .link : .clone, errno, .destination) }
        let why = "cannot create hard link \(site.destinationPath.quoted): \(errno.plainReason)"
        return Failure(reason: .refused(why), side: .destination)
    }
}
