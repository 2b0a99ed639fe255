import FileTree
public import Image
public import NixClosure
public import SystemCalls
import Tar

/// Whether an image is whole and unaltered: its blobs, its documents, and the store paths in its layers. Each blob is
/// read once.
public struct ImageVerification: Sendable {
    private let reference: ImageReference
    private let store: Store
    /// A layout's or an archive's images are all looked at, and not only the one that is named.
    public var takesAll = false
    /// The closure that documents record; nil to use the image's registration, or else the store's database.
    public var closure: FoundClosure?
    /// The number of workers; nil for one a processor.
    public var workers: Int?
    private let watch: BlobProgress

    /// - Parameters:
    ///   - store: whose paths are looked at, and whose database is asked.
    ///   - isCancelled: asked now and then, on any worker: true ends the run.
    public init(
        of reference: ImageReference, in store: Store, isCancelled: @escaping @Sendable () -> Bool = { false }
    ) {
        self.reference = reference
        self.store = store
        watch = BlobProgress(isCancelled)
    }

    /// Bytes of blobs that are read; may be asked from any thread meanwhile.
    public var progress: Int64 { watch.bytes }

    /// Reads everything and returns all that was found.
    public func run() throws(PathError) -> ImageVerificationReport {
        let begin = monotonicNanoseconds()
        let documents: ImageDocuments
        do throws(ArchiveError) { documents = try readDocuments() } catch { throw PathError(error) }
        let told = Set(documents.images.flatMap { $0.layers.map(\.blob) } + documents.others)
        // What an archive has for Docker and for others alike is told of twice, and read once.
        let blobs = Array(Dictionary(grouping: told, by: \.place).values)
        var report = ImageVerificationReport(documents)
        var examined: [FilePlace: BlobExamination] = [:]
        for (blobs, result) in zip(blobs, examine(blobs, in: store)) {
            try report.add(blobs, result)
            examined[blobs[0].place] = try? result.get()
        }
        if !report.wasCancelled { for image in documents.images { try check(image, examined, &report) } }
        if report.images == 0, report.blobs > 0, report.isClean {
            report.findings.insert(ImageFinding("\(reference)", .noImage))
        }
        report.seconds = Double(monotonicNanoseconds() - begin) / 1e9
        return report
    }

    private func readDocuments() throws(ArchiveError) -> ImageDocuments {
        var isThere = true
        var documents: ImageDocuments
        switch reference {
        case .layout(let path, let tag):
            documents = ImageDocuments(.folder(path))
            if documents.files.place("index.json") == nil, documents.files.place("oci-layout") == nil {
                throw .refused(path, "\(path.quoted) is no image layout: it has no files 'oci-layout' and 'index.json'")
            }
            isThere = try documents.readLayout(tag: takesAll ? nil : tag)
        case .layoutArchive(let path, let tag):
            documents = ImageDocuments(try ImageFiles(archive: path))
            isThere = try documents.readLayout(tag: takesAll ? nil : tag)
        case .dockerArchive(let path, let name):
            documents = ImageDocuments(try ImageFiles(archive: path))
            if documents.files.place("oci-layout") != nil { _ = try documents.readLayout(tag: nil) }
            isThere = try documents.readDockerManifest(name: name)
        case .dockerDaemon(let name):
            throw .refused(
                Path(name),
                "an image of a daemon cannot be read: write it to a file first with 'docker save -o FILE \(name)', "
                    + "and name docker-archive:FILE")
        }
        if isThere { return documents }
        throw .refused(
            Path("\(reference)"), "'\(reference)' has no image of that name: leave the name out to verify all")
    }

    private func examine(_ blobs: [[ToldBlob]], in store: Store) -> [Result<BlobExamination, ArchiveError>] {
        JobList(sizes: blobs.map { UInt64(clamping: $0[0].place.size) }, workers: workers ?? ProcessState.processors)
            .run {
            } _: { [watch] _, job in
                Result { () throws(ArchiveError) in
                    try BlobExamination(
                        of: blobs[job][0].place, in: blobs[job].contains { $0.isLayer } ? store : nil, watch)
                }
            }
    }

    private func check(
        _ image: ToldImage, _ examined: [FilePlace: BlobExamination], _ report: inout ImageVerificationReport
    ) throws(PathError) {
        for layer in image.layers {
            guard let blob = examined[layer.blob.place] else { continue }
            // A damaged blob is the news, not that it unpacks to something else.
            let isRight = layer.blob.digest == nil || layer.blob.digest == blob.digest
            if isRight, let found = blob.diffID, let told = layer.diffID, found != told {
                report.findings.insert(ImageFinding(layer.blob.name, .diffID(found: found, told: told)))
            }
        }
        let content = try content(of: image, examined)
        let expected = try ExpectedPaths(of: content, in: store, closure, workers: workers)
        let (findings, unchecked) = expected.check(content, in: store)
        report.findings.formUnion(content.findings)
        report.findings.formUnion(content.metadata.findings)
        report.findings.formUnion(findings)
        report.unchecked.formUnion(unchecked)
        report.origins.insert(expected.origin)
        report.storePaths += content.storePaths.count
    }

    /// The content of the store that a container of the image sees. If the directory of the store is behind a symlink
    /// of the image, the layers are read a second time.
    private func content(
        of image: ToldImage, _ examined: [FilePlace: BlobExamination]
    ) throws(PathError) -> ImageContent {
        let directory = Path(joining: store.directory.components)
        let content = ImageContent(of: image, examined, in: store)
        // If the directory does not exist, all store paths are reported as missing.
        guard let location = try? StoreLocation(store, on: content.tree, of: Path("\(reference)")).path,
            location != directory
        else { return content }
        if location.bytes.isEmpty {
            throw PathError(
                Path("\(reference)"),
                "the symlinks of '\(reference)' lead from '\(store.directory)' to '/', which is no store: rebuild the image "
                    + "with --no-cache, or pull it again")
        }
        let moved: Store
        do throws(ClosureError) { moved = try Store(directory: Path("/").appending(location), root: nil) } catch {
            throw PathError(error.path, error.description)
        }
        let blobs = Array(Set(image.layers.map(\.blob))).map { [$0] }
        let results = zip(blobs, examine(blobs, in: moved)).compactMap { blobs, result in
            (try? result.get()).map { (blobs[0].place, $0) }
        }
        var result = ImageContent(of: image, Dictionary(results) { first, _ in first }, in: moved)
        result.findings.formUnion(content.findings.filter { $0.kind == "ambiguous" })
        return result
    }
}

/// What came of a verification.
public struct ImageVerificationReport: Sendable {
    /// Who said what the store paths should be.
    public internal(set) var origins: Set<String> = []
    /// All faults.
    public internal(set) var findings: Set<ImageFinding>
    /// Parts that are not verified here and are not faults, such as platforms that the layout does not have.
    public let notes: Set<ImageFinding>
    /// Store paths of which nothing can be said.
    public internal(set) var unchecked: Set<UncheckedPath> = []
    /// How many images were looked at.
    public let images: Int
    /// How many blobs were read, documents aside.
    public internal(set) var blobs = 0
    /// Their size in bytes.
    public internal(set) var bytes: Int64 = 0
    /// How many store paths the images have, those without a hash included.
    public internal(set) var storePaths = 0
    /// How long it took.
    public internal(set) var seconds = 0.0
    /// It was ended before everything was read.
    public internal(set) var wasCancelled = false

    init(_ documents: ImageDocuments) {
        findings = documents.findings
        notes = documents.notes
        images = documents.images.count
    }

    /// - Parameter told: one blob, as several documents tell of it.
    mutating func add(_ told: [ToldBlob], _ result: Result<BlobExamination, ArchiveError>) throws(PathError) {
        switch result {
        case .success(let found):
            blobs += 1
            bytes += found.size
            for blob in told { findings.formUnion(blob.problems(found).map { ImageFinding(blob.name, $0) }) }
        case .failure(let error):
            switch error.reason {
            case .cancelled: wasCancelled = true
            // Nothing is wrong with the image: it could not be looked at here.
            case .refused: throw PathError(error)
            default:
                for blob in told { findings.insert(ImageFinding(blob.name, .unreadable(error.description))) }
            }
        }
    }

    /// Whether everything is as it should be.
    public var isClean: Bool { findings.isEmpty && !wasCancelled }
}

extension ToldBlob {
    /// In what the blob is not what the documents tell of it.
    fileprivate func problems(_ found: BlobExamination) -> [ImageFinding.Problem] {
        var problems: [ImageFinding.Problem] = []
        if let size, size != found.size { problems.append(.size(found: found.size, told: size)) }
        // Bytes that are not the right ones need not be an archive.
        if let digest, digest != found.digest { return problems + [.digest(found: found.digest)] }
        if let packing, packing != found.packing, found.size > 0 {
            problems.append(.mediaType("the image says \(packing.word), and it is \(found.packing.word)"))
        }
        if let failure = found.failure { problems.append(.unreadable(failure)) }
        return problems
    }
}
