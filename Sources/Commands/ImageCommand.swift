import ArgumentParser
import Image
import JSON
import NixClosure
import Pruning
import Rootfs
import SystemCalls
import Tar

/// `repot image`: a closure as a layered image.
struct ImageCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "image",
        abstract: "Writes a closure as a layered image, without a daemon.",
        usage: """
            repot image [OPTION]... ROOT... -o WHERE
            repot image [OPTION]... --closure FILE [ROOT]... -o WHERE
            """,
        discussion: """
            WHERE is oci:DIR[:TAG], oci-archive:FILE[:TAG], docker-archive:FILE[:NAME:TAG] or \
            docker-daemon:NAME:TAG; - for FILE is standard output. Store paths that change together share a layer; \
            what is in DIR already is neither read nor written.
            """)

    @Argument(help: "Roots of the closure.", completion: .file())
    var roots: [String] = []

    @Option(name: .shortAndLong, help: ArgumentHelp("Where the image goes.", valueName: "where"))
    var output: String

    @Flag(help: "Write the image to disk before it gets its tag or name, and wait until that is on disk, too.")
    var sync = false

    @OptionGroup var closure: ClosureOptions
    @OptionGroup var image: ImageConfigOptions
    @OptionGroup var origin: ImageBaseOptions
    @OptionGroup var layers: LayerOptions
    @OptionGroup var additions: RootfsOptions
    @OptionGroup var bill: BillOptions

    @Flag(help: "Say which layers would be written, and write nothing.")
    var dryRun = false

    @OptionGroup var display: OutputOptions

    mutating func validate() throws {
        if roots.isEmpty, closure.closure.isEmpty, additions.profile.isEmpty {
            throw ValidationError("give at least one ROOT, or --closure FILE")
        }
        guard let reference = ImageReference(output) else {
            throw ValidationError(
                "--output takes oci:DIR[:TAG], oci-archive:FILE[:TAG], docker-archive:FILE[:NAME:TAG] or "
                    + "docker-daemon:NAME:TAG, not '\(output)'\(ImageReference.remedy(for: output))")
        }
        try validateBill(reference)
        if dryRun, display.json {
            throw ValidationError("--dry-run names the layers a line each: leave out --json")
        }
        try requireOneReaderOfInput(["--config": [origin.config].compactMap(\.self), "--closure": closure.closure])
        let compressions = try layers.compressions(for: reference)
        if reference.isForDocker, compressions.hasZstd {
            throw ValidationError(
                "'docker load' takes no zstd before Docker 23: use --compression gzip or none, or write "
                    + "oci-archive:FILE")
        }
        if sync, case .dockerDaemon = reference {
            throw ValidationError(
                "--sync does not reach the disk of a Docker daemon; write docker-archive:FILE, or call 'sync' where the "
                    + "daemon runs after the image is loaded")
        }
        if try destination(reference).isStream, !dryRun, Console.columns(of: .output) != nil {
            throw ValidationError("refusing to write an archive to a terminal; name a file or redirect standard output")
        }
    }

    private func validateBill(_ reference: ImageReference) throws {
        if reference.layoutPlace == nil, bill.sbom != nil, bill.sbomFile == nil {
            throw ValidationError(
                "a bill of materials is attached in oci:DIR only: name a file for it with --sbom-file")
        }
        if bill.isPrinted, try display.json || destination(reference).isPrinted {
            throw ValidationError(
                "the bill of materials cannot go where \(display.json ? "the report" : "the image") goes: give "
                    + "--sbom-file a file")
        }
        if let file = bill.file, isTaken(file, reference) {
            throw ValidationError(
                "--sbom-file \(file.quoted) is a file that is read or written otherwise: give it one of its own")
        }
    }

    mutating func run() throws { try explained { try make() } }

    /// Whether the file has another part in it, by its name or by what it is.
    private func isTaken(_ file: Path, _ reference: ImageReference) -> Bool {
        let others = [
            reference, origin.base.flatMap { ImageReference($0) }, layers.previous.flatMap { ImageReference($0) },
        ]
        .compactMap { $0?.archive }
        let identity = Self.identity(of: file)
        return (others + ([origin.config].compactMap(\.self) + closure.closure).map { Path($0) }).contains { other in
            other != "-" && (other == file || identity != nil && Self.identity(of: other) == identity)
        }
    }

    /// Of regular files only: a device may be written to by several.
    private static func identity(of path: Path) -> FileIdentity? {
        let metadata = try? Directory.current.metadata(of: Name(path), following: true)
        return metadata?.kind == .regular ? metadata?.identity : nil
    }

    private func destination(_ reference: ImageReference) throws(ValidationError) -> ImageOutput {
        ImageOutput(
            reference: reference, compression: try layers.compressions(for: reference).archive, workers: layers.jobs,
            isOutputTaken: display.json, setting: setting)
    }

    /// Throws an error if --sync cannot wait for all outputs, before anything is read or written.
    private func requireSyncable(_ reference: ImageReference) throws {
        let outputs = [reference.archive, bill.file].compactMap(\.self)
        for output in outputs { try ArchiveOutput.file(output).requireSyncable() }
    }

    private var setting: LayoutSetting { LayoutSetting(syncs: sync, isQuiet: display.quiet) }

    private func make() throws {
        guard let reference = ImageReference(output) else { return }
        if sync { try requireSyncable(reference) }
        let store = try closure.store()
        let found = try closure.find(roots.map { Path($0) } + additions.roots, in: store, workers: layers.jobs)
        if display.explain { found.explain() }
        let graph = try found.graph(in: store, hashed: true, workers: layers.jobs)
        catchInterruptions()
        let start = try ImageStart(origin, try image.config(in: store, found.closure), graph.roots, in: store)
        if reference.isForDocker, start.base?.hasZstd ?? false {
            throw ValidationError(
                "the base has layers as zstd, which 'docker load' takes no earlier than in Docker 23: write "
                    + "oci-archive:FILE, or pack the base as gzip with 'skopeo copy --dest-compress-format gzip'")
        }
        var additions = try additions.additions(in: store, found, workers: layers.jobs)
        let base = try start.contents(
            graph.infos, additions.names, in: store, workers: layers.jobs, explains: display.explain)
        try start.requireUnpruned(base, found.closure, prunes: !additions.prune.isEmpty, in: store)
        // The base has the same store, and its store paths stay registered.
        let below = try start.registration(base, in: store)
        if let own = additions.registration ?? (below.isEmpty ? nil : graph.infos) {
            additions.registration = own + below.filter { !found.closure.contains($0.path) }
        }
        let contents = try RootfsContents(store: store, closure: found.closure, additions, on: base?.tree.rootfs)
        contents.pruning.report(isQuiet: display.quiet)
        if !display.quiet { try start.warn(contents, workers: layers.jobs) }
        let spec = try spec(graph, contents, start, base, reference)
        try bill.requirePlace()
        if dryRun { return try foretell(spec, reference) }
        let image = try destination(reference).write { layout, tag, held in
            var spec = spec
            spec.held = held
            return try write(spec, to: layout, tag)
        }
        try bill.write(of: image, graph, in: store, spec.configuration.created, reference, setting)
        try report(image, reference)
    }

    private func spec(
        _ graph: ClosureGraph, _ contents: RootfsContents, _ start: ImageStart, _ base: BaseContents?,
        _ reference: ImageReference
    ) throws -> ImageSpec {
        let own = contents.ownLayer(on: base)
        let altered = base?.altered ?? []
        let removal =
            altered.isEmpty ? [] : [LayerPlan(removing: altered, from: contents.store, at: base?.location)]
        let budget = try LayerBudget(
            limit: layers.maxLayers, base: start.base?.layerCount ?? 0, others: removal.count + own.count,
            isComplete: graph.infos.allSatisfy { base?.storePaths.contains($0.path) ?? false }, reference)
        let previous = try layers.previous(or: reference, for: start.configuration.platform)
        let layering = Layering(
            graph, layers.layering, try layers.limits(max: budget.layers),
            previous: layers.kept(of: previous), below: base?.storePaths ?? [])
        if !display.quiet { warn(layering, altered) }
        var spec = ImageSpec(
            layers: removal
                + layering.layers.map { paths in
                    LayerPlan(
                        paths.compactMap { graph[$0] }, in: contents.store, at: base?.location,
                        excluding: contents.pruning.excluded(of: paths))
                } + own, configuration: start.configuration)
        spec.base = start.base
        spec.options = layers.options(try layers.compressions(for: reference).layers)
        (spec.cache, spec.rebuilds) = (try layers.layerCache(), layers.noCache)
        spec.layering = layers.story
        spec.previous = previous?.manifest
        return spec
    }

    private func warn(_ layering: Layering, _ altered: Set<StorePath>) {
        if let first = altered.min() {
            Console.line(
                "repot: warning: the base has \(altered.count.counted("store path")) with other content, or in an order "
                    + "that cannot be checked, such as '\(first)'; a layer of the image removes them before they are "
                    + "added", to: .error)
        }
        if layering.crowded.isEmpty { return }
        Console.line(
            "repot: warning: \(layering.crowded.count.counted("pinned store path")) without a layer of its own: there "
                + "is room for \(layering.layers.count.counted("layer")); raise --max-layers, or pin fewer", to: .error)
    }

    private func foretell(_ spec: ImageSpec, _ reference: ImageReference) throws {
        var spec = spec
        try destination(reference).requirePlace()
        spec.held = try destination(reference).held()
        let layout = reference.layoutPlace.flatMap { try? ImageLayout($0.path, makes: false) }
        for (layer, isWritten) in zip(spec.layers, spec.isWritten(to: layout, { Interrupt.signal != nil })) {
            guard Console.line(layer.line(isWritten: isWritten), to: .output) else { throw ExitCode(1) }
        }
    }

    private func write(_ spec: ImageSpec, to layout: ImageLayout, _ tag: String) throws -> WrittenImage {
        let writer = ImageWriter(spec) { Interrupt.signal != nil }
        let paths = spec.layers.flatMap(\.items).compactMap { item in
            if case .tree(let path) = item.content { path } else { nil }
        }
        let bar = display.display.bar(paths) {
            ProgressBar.Progress(entries: writer.progress.entries, bytes: writer.progress.bytes)
        }
        defer { bar?.end() }
        return try writer.write(to: layout, tag: tag)
    }

    private func report(_ image: WrittenImage, _ reference: ImageReference) throws {
        if display.json {
            let stream: Console.Stream = try destination(reference).isPrinted ? .error : .output
            Console.line(image.json(reference).text, to: stream)
        }
        if display.verbose { for line in image.lines { Console.line(line, to: .error) } }
        if display.quiet || display.json { return }
        Console.line(image.summary, to: .error)
        for line in image.nextSteps(reference) { Console.line(line, to: .error) }
    }
}

extension Pruning {
    /// What is left out of these paths, from each of them.
    fileprivate func excluded(of paths: [StorePath]) -> [StorePath: Set<Path>] {
        paths.reduce(into: [:]) { excluded, path in excluded[path] = self[path]?.excluded }
    }
}

extension RootfsContents {
    /// The layer of the entries outside the store, on top of the others; none if there are no such entries.
    fileprivate func ownLayer(on base: BaseContents?) -> [LayerPlan] {
        let items = ownItems()
        let store = base?.location.path ?? storeDirectory
        if items.allSatisfy({ store.hasPrefix($0.path) }) { return [] }
        return [LayerPlan(base?.tree.addingDirectories(to: items) ?? items)]
    }
}

extension BaseTree {
    /// The root file system of the base, as additions see it.
    fileprivate var rootfs: RootfsBase {
        RootfsBase { path in
            switch entry(at: path) {
            case nil: nil
            case .directory: .directory
            case .link(let end): .link(to: end)
            case .other(let text, let location): .other(text, location: location)
            }
        }
    }
}
