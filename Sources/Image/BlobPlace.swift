import Crypto
package import SystemCalls
import Tar

/// Where the bytes of a blob are: a file, or a part of one.
package struct BlobPlace: Hashable, Sendable {
    package let file: Path
    package let range: Range<Int64>
    /// The file is the blob and nothing else.
    let isWhole: Bool
    /// The archive that has the blob; nil for a file of its own.
    var archive: ArchiveFile?

    package var size: Int64 { range.upperBound - range.lowerBound }

    package func open() throws(PathError) -> Descriptor {
        do throws(Errno) {
            return if let archive { try archive.open() } else { try Directory.current.openFile(Name(file)) }
        } catch { throw .failed("cannot open", file, error) }
    }

    /// The first bytes, so many or fewer.
    package func beginning(_ count: Int) throws(PathError) -> [UInt8] {
        var bytes: [UInt8] = []
        try forEachPart(of: try open(), range.lowerBound..<min(range.upperBound, range.lowerBound + Int64(count))) {
            part in
            bytes += part
        }
        return bytes
    }

    func digest(_ isCancelled: () -> Bool = { false }) throws(PathError) -> Digest {
        try digest(of: try open(), isCancelled)
    }

    /// The digest of a file that is open.
    func digest(of open: borrowing Descriptor, _ isCancelled: () -> Bool) throws(PathError) -> Digest {
        var hash = SHA256()
        try forEachPart(of: open, range) { (part) throws(PathError) in
            if isCancelled() { throw PathError(file, "the run was cancelled", isCancelled: true) }
            hash.update(bufferPointer: part)
        }
        return Digest(hash.finalize())
    }

    /// Reads a range of a file that may be this one or a copy of it.
    func forEachPart(
        of file: borrowing Descriptor, _ range: Range<Int64>,
        _ body: (UnsafeRawBufferPointer) throws(PathError) -> Void
    ) throws(PathError) {
        let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 1 << 20, alignment: 4096)
        defer { buffer.deallocate() }
        var place = range.lowerBound
        while place < range.upperBound {
            let part = UnsafeMutableRawBufferPointer(
                rebasing: buffer[..<Int(min(Int64(buffer.count), range.upperBound - place))])
            let isThere: Bool
            do throws(Errno) { isThere = try file.read(exactly: part, at: place) } catch {
                throw .failed("error reading", self.file, error)
            }
            guard isThere else { throw .malformed(self.file, "it is cut off; make or fetch it anew") }
            try body(UnsafeRawBufferPointer(part))
            place += Int64(part.count)
        }
    }
}

extension BlobFolder {
    /// Takes over a blob from elsewhere: its extents where the file system shares them, else its bytes, and never the
    /// file itself, which may be a store's. It is read in any case: a blob gets the name that its bytes have.
    ///
    /// - Parameter trusting: one that is here with that size is taken for the same.
    func take(
        _ place: BlobPlace, _ descriptor: BlobDescriptor, trusting: Bool, _ isCancelled: () -> Bool
    ) throws(PathError) {
        let isHere =
            trusting ? try isIntact(descriptor, isCancelled) : try isWhole(descriptor, isCancelled)
        if isHere { return }
        guard place.size == descriptor.size else { throw Self.wrong(place, descriptor) }
        let source = try place.open()
        let blob = try make()
        do throws(PathError) {
            if place.isWhole, (try? blob.file.clone(source)) != nil {
                // The source may be written to meanwhile.
                try check(blob.file, place, descriptor, isCancelled, copyingTo: nil)
            } else {
                try check(source, place, descriptor, isCancelled, copyingTo: try blob.duplicate())
            }
        } catch {
            blob.discard()
            throw error
        }
        try blob.publish(as: Name(descriptor.digest.hex))
    }

    /// Reads a blob, copies it where that is wanted, and sees that it is the one it should be.
    private func check(
        _ source: borrowing Descriptor, _ place: BlobPlace, _ descriptor: BlobDescriptor, _ isCancelled: () -> Bool,
        copyingTo copy: consuming Descriptor?
    ) throws(PathError) {
        var hash = SHA256()
        try place.forEachPart(of: source, place.range) { (part) throws(PathError) in
            if isCancelled() { throw PathError(place.file, "the run was cancelled", isCancelled: true) }
            hash.update(bufferPointer: part)
            do throws(Errno) { try copy?.write(all: part) } catch {
                throw .failed("cannot write", path(of: descriptor.digest), error)
            }
        }
        guard Digest(hash.finalize()) == descriptor.digest else { throw Self.wrong(place, descriptor) }
    }

    private static func wrong(_ place: BlobPlace, _ descriptor: BlobDescriptor) -> PathError {
        .malformed(place.file, "its blob \(descriptor.digest) has other bytes; make or fetch the image anew")
    }
}
