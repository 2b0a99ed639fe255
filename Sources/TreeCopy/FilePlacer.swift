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

/// A way to give an open destination its content: the lower rungs share its creation and its metadata.
protocol ContentFiller {
    /// Fills the destination, after removing its old content; `.unsupported` leaves it for the next filler.
    static func fill(
        _ file: borrowing CreatedFile, from source: borrowing Descriptor, _ metadata: Metadata,
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
                try stepDown(from: .hardlink, errno)
            }
        }
        if case .skipped = try NewFilePlacer.place(site, &self) { tally.skipped.increment() }
    }

    /// Counts a file that takes a lower strategy than the first.
    func stepDown(from strategy: Strategy, _ errno: Errno) throws(Failure) {
        try refuseStepDown(from: strategy, errno)
        run.findings.add(fallback: errno.plainReason)
    }

    /// With `--strict`, throws if the kernel refused the strategy, but not if the options or a rule of the engine did.
    func refuseStepDown(from strategy: Strategy, _ errno: Errno) throws(Failure) {
        guard run.options.isStrict, !errno.isOwn else { return }
        throw .failed(strategy == .hardlink ? .link : .clone, errno, .destination)
    }
}
