import ArgumentParser
import Image
import ImageVerification
import NixClosure
import Pruning
import Rootfs
import SystemCalls
import Verification

/// `repot verify`: whether a root file system is complete and unaltered.
struct Verify: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Says whether a root file system or an image holds its closure, complete and unaltered.",
        usage: """
            repot verify [OPTION]... DEST
            repot verify [OPTION]... WHERE
            """,
        discussion: """
            The expected store paths are those of --closure FILE, or those of DEST's own registration and its own Nix \
            database together, or else those that the Nix database of the store lists. Each store path is read and hashed; modes, owners and times have to be as in a \
            Nix store, without capabilities, ACLs and other extended attributes; symlinks have to lead somewhere. A file that names an absent store path is a note where references are \
            known, and a finding otherwise. The content of a path is not checked if no source has its hash, which is a note. \
            Exit status 1: there are findings, and each path is named.

            DEST may be the root of a running container, /proc/PID/root, where PID is the one that \
            `docker inspect --format '{{.State.Pid}}' NAME` prints. Name the closure with --closure then: a registration in \
            the container proves nothing against malice. --image compares the entries outside the store with an image.

            WHERE is an image: oci:DIR[:TAG], oci-archive:FILE[:TAG] or docker-archive:FILE[:NAME:TAG]; without a tag, all \
            that are there. Every digest, size and diff ID is compared with the image's documents, and the hash of each \
            store path with --closure FILE, the image's registration, the store's Nix database or its files. The layers of repot have \
            to satisfy its rules: a store path is in one layer, and has the modes of a Nix store.
            """)

    @Argument(help: "The root file system, which `repot stage` has written, or an image.", completion: .directory)
    var destination: String

    @OptionGroup var closure: ClosureOptions

    @Option(
        help: ArgumentHelp(
            "Compare all entries outside the store with the image that DEST was made from, such as a container's.",
            valueName: "where"))
    var image: String?

    @Option(
        help: ArgumentHelp(
            "The owner that all should have; otherwise that of most store paths.", valueName: "uid:gid"))
    var owner: String?

    @Option(help: ArgumentHelp("The modification time that all should have.", valueName: "seconds"))
    var mtime: Int64 = 1

    @Option(name: .shortAndLong, help: ArgumentHelp("The number of workers.", valueName: "n"))
    var jobs: Int?

    @Flag(help: "Take what is missing or damaged anew from the store, and verify again.")
    var repair = false

    @OptionGroup var output: OutputOptions

    mutating func validate() throws {
        if let owner, Ownership(argument: owner) == nil {
            throw ValidationError("--owner takes UID:GID in numbers, not '\(owner)'")
        }
        if let image, ImageReference(image) == nil {
            throw ValidationError(
                "--image takes oci:DIR[:TAG], oci-archive:FILE[:TAG] or docker-archive:FILE[:NAME:TAG], not '\(image)'")
        }
        if ImageReference(destination) != nil, repair || owner != nil || mtime != 1 || image != nil {
            throw ValidationError(
                "--repair, --image, --owner and --mtime are for root file systems; build an image again instead")
        }
        if repair, ProcessRoot.contains(Path(destination)) {
            throw ValidationError(
                "--repair does not write to a running container, whose processes could redirect it; "
                    + "start a new container from the image")
        }
        if let jobs, !(1...1024).contains(jobs) { throw ValidationError("--jobs takes a number from 1 to 1024") }
    }

    mutating func run() throws {
        try explained {
            if let image = ImageReference(destination) { try verify(image) } else { try verify() }
        }
    }

    private func verify(_ image: ImageReference) throws {
        let store = try closure.store()
        var verification = ImageVerification(of: image, in: store) { Interrupt.signal != nil }
        // What is written without a tag comes back with the usual one.
        verification.takesAll = image.description != destination
        verification.closure = try closure.recorded(in: store)
        verification.workers = jobs
        catchInterruptions()
        let report = try verification.run()
        let status = ImageVerificationText(options: output).tell(report)
        if status != 0 { throw ExitCode(status) }
    }

    private func verify() throws {
        let process = try ProcessRoot(containing: Path(destination))
        let (report, text) =
            try process.map { process in try process.during { try verified(process) } } ?? verified(nil)
        let status = text.tell(report)
        if status != 0 { throw ExitCode(status) }
    }

    /// Verifies a root file system, and repairs it if that was requested.
    private func verified(_ process: ProcessRoot?) throws -> (VerificationReport, VerificationText) {
        let source = try closure.store()
        let store = try Store(directory: source.directory, root: Path(destination))
        let listing = try StoreListing(of: store)
        let pruned = try PruneRecord(of: Path(destination), in: store)
        let other = source.isSame(as: store) ? nil : source
        let expectation = try expectation(of: store, source, Array(Set(listing.storePaths).union(pruned.storePaths)))
            .without(pruned, in: other, workers: jobs)
        var verification = Verification(of: store, expectation)
        verification.source = other
        var warnings = expectation.warnings
        // Otherwise all paths of the root file system's database are expected.
        if !closure.closure.isEmpty || closure.source != .auto {
            do throws(ClosureError) { verification.listed = try ExpectedStore.listed(in: store) } catch {
                warnings.append("\(error); unexpected store paths may be in that database")
            }
        }
        if process != nil, image == nil {
            if expectation.isOwn {
                warnings.append(Self.ownSource(expectation.origin, "--closure FILE or --image WHERE"))
            }
            if pruned.leavesOut { warnings.append(Self.ownSource("its /nix-path-pruned", "--image WHERE")) }
        }
        verification.owner = try owner.flatMap { Ownership(argument: $0) } ?? listing.usualOwner(in: store)
        (verification.modificationTime, verification.workers, verification.pruned) = (mtime, jobs, pruned)
        verification.isCancelled = { Interrupt.signal != nil }
        catchInterruptions()
        var report = try run(verification, listing, store)
        var text = VerificationText(store: store, options: output)
        (text.unproven, text.warnings) = (expectation.unproven, warnings)
        text.isRepairable = process == nil
        if repair, !report.wasCancelled, !report.findings.isEmpty {
            var mending = Mending(store: store, expectation: expectation, pruned: pruned, output: output)
            mending.owner = ProcessState.effectiveOwner.user == 0 ? verification.owner : nil
            (mending.modificationTime, mending.workers) = (mtime, jobs)
            do { text.failures = try mending.mend(report, from: verification.source) } catch {
                _ = text.tell(report)
                throw error
            }
            let failed = Set(text.failures.map(\.path))
            let taken = report.damaged.filter { !failed.contains($0) }
            report = try run(verification, listing, store)
            text.judge(taken, stillDamaged: Set(report.damaged))
        }
        if !report.wasCancelled { text.comparison = try compared(process, outside: store) }
        return (report, text)
    }

    /// The warning that a container could have changed a document by which it is verified.
    private static func ownSource(_ document: String, _ option: String) -> String {
        "the container is compared with \(document), which a process in it could have changed: pass \(option)"
    }

    /// The comparison with the image; nil if none is named.
    private func compared(
        _ process: ProcessRoot?, outside store: Store
    ) throws -> RootfsComparisonReport? {
        guard let reference = image.flatMap({ ImageReference($0) }) else { return nil }
        let platform = Platform(os: "linux", architecture: Architecture.own, variant: nil)
        var comparison = RootfsComparison(
            of: Path(destination), with: try StoredImage(reference, for: platform), outside: store
        ) { Interrupt.signal != nil }
        (comparison.workers, comparison.owners) = (jobs, process?.owners)
        return try comparison.run()
    }

    private func expectation(
        of store: Store, _ source: Store, _ paths: [StorePath]
    ) throws(ClosureError) -> ExpectedStore {
        if let recorded = try closure.recorded(in: store) {
            return ExpectedStore(recorded, in: source.isSame(as: store) ? nil : source, workers: jobs)
        }
        if closure.source == .auto,
            let own = try ExpectedStore.own(
                of: Path(destination), in: store, source: source.isSame(as: store) ? nil : source, workers: jobs)
        {
            return own
        }
        return try .asked(of: source, about: paths, closure.source, workers: jobs)
    }

    private func run(
        _ verification: Verification, _ listing: StoreListing, _ store: Store
    ) throws(PathError) -> VerificationReport {
        let bar = output.display.bar(listing.storePaths.map(store.physicalPath(of:))) {
            let (entries, bytes) = verification.progress
            return ProgressBar.Progress(entries: entries, bytes: bytes)
        }
        defer { bar?.end() }
        return try verification.run()
    }
}
