import SystemCalls

extension Worker {
    /// Gives the file its content, in the best way that works between the two file systems and for what was opened.
    func fill(
        _ file: borrowing CreatedFile, from source: borrowing Descriptor, _ metadata: Metadata, _ site: CopySite
    ) throws(Failure) -> Strategy {
        if file.isCopy, mayClone(metadata, site) {
            switch try CloneFiller.fill(file, from: source, metadata, site, self) {
            case .unsupported(let errno):
                if run.options.strategy == .reflink { try stepDown(from: .reflink, errno) }
            default: return .reflink
            }
        }
        _ = try CopyFiller.fill(file, from: source, metadata, site, self)
        return .copy
    }

    /// An empty file has nothing to share, and a file whose size the kernel does not know looks empty.
    private func mayClone(_ metadata: Metadata, _ site: CopySite) -> Bool {
        // GNU cp also clones with --sparse=always.
        guard run.options.strategy != .copy, run.options.sparse == .auto || run.options.actsAsGNU, metadata.size > 0
        else { return false }
        return metadata.kind == .regular
    }
}

/// Shares all extents, holes included: ioctl_ficlone(2).
enum CloneFiller: ContentFiller {
    static func fill(
        _ file: borrowing CreatedFile, from source: borrowing Descriptor, _ metadata: Metadata,
        _ site: CopySite, _ worker: borrowing Worker
    ) throws(Failure) -> Placement {
        let rung = site.ladder.reflink
        let mayDiffer = worker.run.options.triesEach(.reflink)
        if !mayDiffer, case .refused(let errno) = rung.state { return .unsupported(errno) }
        do throws(Errno) {
            do throws(Errno) { try file.descriptor.clone(source) } catch {
                // A clone into a larger file must end at a block.
                guard error == .invalid, !file.isNew else { throw error }
                let options = worker.run.options
                if options.isStrict, options.strategy == .reflink { try cloneBeyondEnd(source, to: file.descriptor) }
                try file.descriptor.truncate(to: 0)
                try file.descriptor.clone(source)
            }
            if !file.isNew { try file.descriptor.truncate(to: metadata.size) }
            rung.noteSuccess()
            return .placed
        } catch {
            if error.isFatal { throw .failed(.clone, error, .destination) }
            if mayDiffer || isElsewhere(file.descriptor, site) {
                rung.noteException(error)
            } else {
                site.ladder.learn(error, of: metadata, on: rung, isStrict: worker.run.options.isStrict)
            }
            return .unsupported(error)
        }
    }

    /// Tests whether the file can share the extents of the source, by a clone beyond the end of the file. The file
    /// keeps its content.
    private static func cloneBeyondEnd(
        _ source: borrowing Descriptor, to file: borrowing Descriptor
    ) throws(Errno) {
        // 1 MiB is a multiple of all block sizes.
        let unit: Int64 = 1 << 20
        let size = try file.metadata().size
        do throws(Errno) { try file.cloneRange(from: source, count: 0, at: (size / unit + 1) * unit) } catch {
            try file.truncate(to: size)
            throw error
        }
    }

    /// A destination that existed may be a symlink that leads to another mount.
    private static func isElsewhere(_ destination: borrowing Descriptor, _ site: CopySite) -> Bool {
        (try? destination.metadata())?.mount != site.ladder.destination.mount
    }
}

/// Copies the bytes: small files through the worker's buffer in one piece, large ones in several or inside the kernel,
/// sparse ones extent by extent.
enum CopyFiller: ContentFiller {
    static func fill(
        _ file: borrowing CreatedFile, from source: borrowing Descriptor, _ metadata: Metadata,
        _ site: CopySite, _ worker: borrowing Worker
    ) throws(Failure) -> Placement {
        let content = ContentCopy(
            buffer: worker.buffer, run: worker.run, ladder: site.ladder, readAhead: worker.readAhead,
            replacesContent: file.isCopy && !file.isNew, pieceBytes: worker.pieceBytes)
        // A device or a pipe has no holes, and a pipe no offset: all bytes are written in order.
        let isSized = file.isCopy && metadata.kind == .regular && metadata.size > 0
        switch worker.run.options.sparse {
        case .always where isSized && metadata.mayHaveHoles:
            try content.copyExtents(source, to: file.descriptor, metadata, skipsZeros: true)
        case .always where file.isCopy:
            try content.copySkippingZeros(source, to: file.descriptor, metadata)
        case .auto where isSized && metadata.mayHaveHoles:
            try content.copyExtents(source, to: file.descriptor, metadata, skipsZeros: false)
        case .auto, .always, .never:
            if !isSized {
                try content.copyUnsized(source, to: file.descriptor, metadata)
            } else if metadata.size <= Worker.smallBytes {
                try content.copySmall(source, to: file.descriptor, metadata)
            } else {
                try content.copyLarge(source, to: file.descriptor, metadata)
            }
        }
        return .placed
    }
}

extension Metadata {
    /// Fewer blocks than the size needs: holes, or compression.
    var mayHaveHoles: Bool { allocated <= size - 512 && kind == .regular }
}
