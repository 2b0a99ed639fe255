import SystemCalls

extension Worker {
    /// Fills a new file by the best filler that works between the two volumes.
    func fill(
        _ destination: borrowing Descriptor, from source: borrowing Descriptor, _ metadata: Metadata,
        _ site: CopySite
    ) throws(Failure) -> Strategy {
        if mayClone(metadata, site) {
            switch try CloneFiller.fill(destination, from: source, metadata, site, self) {
            case .unsupported(let errno):
                if run.options.strategy == .reflink { try stepDown(from: .reflink, errno, site) }
            default: return .reflink
            }
        }
        _ = try CopyFiller.fill(destination, from: source, metadata, site, self)
        return .copy
    }

    /// An empty file has nothing to share, and a file whose size the kernel does not know looks empty.
    private func mayClone(_ metadata: Metadata, _ site: CopySite) -> Bool {
        guard run.options.strategy != .copy, run.options.sparse == .auto, metadata.size > 0 else { return false }
        return metadata.kind == .regular
    }
}

/// Shares all extents, holes included: ioctl_ficlone(2).
enum CloneFiller: ContentFiller {
    static func fill(
        _ destination: borrowing Descriptor, from source: borrowing Descriptor, _ metadata: Metadata,
        _ site: CopySite, _ worker: borrowing Worker
    ) throws(Failure) -> Placement {
        let rung = site.ladder.reflink
        let mayDiffer = worker.run.options.triesEach(.reflink)
        if !mayDiffer, case .refused(let errno) = rung.state { return .unsupported(errno) }
        do throws(Errno) {
            try destination.clone(source)
            rung.noteSuccess()
            return .placed
        } catch {
            guard error.refusesClone else { throw .failed(.clone, error, .destination) }
            if mayDiffer || isElsewhere(destination, site) {
                rung.noteException(error)
            } else {
                site.ladder.learn(error, of: metadata, on: rung)
            }
            return .unsupported(error)
        }
    }

    /// A destination that was there may be a symlink that leads to another mount.
    private static func isElsewhere(_ destination: borrowing Descriptor, _ site: CopySite) -> Bool {
        (try? destination.metadata())?.mount != site.ladder.destination.mount
    }
}

/// Copies the bytes: small files through the worker's buffer in one piece, large ones in several or inside the kernel,
/// sparse ones extent by extent.
enum CopyFiller: ContentFiller {
    static func fill(
        _ destination: borrowing Descriptor, from source: borrowing Descriptor, _ metadata: Metadata,
        _ site: CopySite, _ worker: borrowing Worker
    ) throws(Failure) -> Placement {
        let options = worker.run.options
        let content = ContentCopy(
            buffer: worker.buffer, run: worker.run, ladder: site.ladder, readAhead: worker.readAhead)
        switch options.sparse {
        case .always:
            try content.copySkippingZeros(source, to: destination, metadata)
        case .auto where metadata.mayHaveHoles:
            try content.copyExtents(source, to: destination, metadata)
        case .auto, .never:
            if metadata.size <= Worker.smallBytes {
                try content.copySmall(source, to: destination, metadata)
            } else {
                try content.copyLarge(source, to: destination, metadata)
            }
        }
        return .placed
    }
}

extension Metadata {
    /// Fewer blocks than the size needs: holes, or compression.
    var mayHaveHoles: Bool { allocated + 512 <= size && kind == .regular }
}
