import ArgumentParser
import Image
import JSON
import NixClosure
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
            WHERE is oci:DIR[:TAG], oci-archive:FILE[:TAG], docker-archive:FILE[:NAME:TAG] or docker-daemon:NAME:TAG. Store \
            paths that change together share a layer; what is in DIR already is neither read nor written.
            """)

    @Argument(help: "Roots of the closure.", completion: .file())
    var roots: [String] = []

    @Option(name: .shortAndLong, help: ArgumentHelp("Where the image goes.", valueName: "where"))
    var output: String

    @OptionGroup var closure: ClosureOptions
    @OptionGroup var image: ImageConfigOptions
    @OptionGroup var layers: LayerOptions
    @OptionGroup var additions: RootfsOptions
    @OptionGroup var bill: BillOptions
    @OptionGroup var display: OutputOptions

    mutating func validate() throws {
        if roots.isEmpty, closure.closure == nil, additions.profile.isEmpty {
            throw ValidationError("give at least one ROOT, or --closure FILE")
        }
        if let reference = ImageReference(output), reference.layoutPlace == nil, bill.sbom != nil, bill.sbomFile == nil
        {
            throw ValidationError(
                "a bill of materials is attached in oci:DIR only: name a file for it with --sbom-file")
        }
        if ImageReference(output) == nil {
            throw ValidationError(
                "--output takes oci:DIR[:TAG], oci-archive:FILE[:TAG], docker-archive:FILE[:NAME:TAG] or "
                    + "docker-daemon:NAME:TAG, not '\(output)'")
        }
    }

    mutating func run() throws { try explained { try make() } }

    private func make() throws {
        guard let reference = ImageReference(output) else { return }
        let store = try closure.store()
        let named = try closure.resolve(roots.map { Path($0) } + additions.roots, in: store)
        let found = try closure.find(named, in: store, workers: layers.jobs)
        if display.explain { found.explain() }
        let infos = try found.infos(in: store, hashed: true, workers: layers.jobs)
        let graph = try ClosureGraph(infos, roots: named.isEmpty ? ClosureGraph.tops(of: infos) : named, in: store)
        let contents = try RootfsContents(
            store: store, closure: found.closure, try additions.additions(in: store, found, workers: layers.jobs))
        contents.pruning.tell(isQuiet: display.quiet)
        catchInterruptions()
        guard case .layout(let path, let tag) = reference else {
            throw ValidationError("only oci: can be written yet")
        }
        let layout = try ImageLayout(path, makes: true)
        let previous = try layers.previous(or: layout, tag)
        let layering = Layering(graph, layers.layering, try layers.limits(), previous: previous?.storePaths ?? [])
        var spec = ImageSpec(
            layers: layering.layers.map { paths in
                LayerPlan(
                    paths.compactMap { graph[$0] }, in: store, excluding: contents.pruning.excluded(of: paths))
            } + contents.ownLayer,
            configuration: try image.config(in: store, found.closure))
        spec.options = layers.options
        spec.cache = layers.cache
        spec.previous = previous
        let writer = ImageWriter(spec) { Interrupt.signal != nil }
        let bar = display.display.bar(found.closure.storePaths.map(store.physicalPath(of:))) {
            ProgressBar.Progress(entries: writer.progress.entries, bytes: writer.progress.bytes)
        }
        let written = try ended(bar) { try writer.write(to: layout, tag: tag) }
        try bill.write(of: written, graph, in: store, spec.configuration.created, reference)
        tell(written, reference)
    }

    private func ended<Value>(_ bar: ProgressBar?, _ work: () throws -> Value) rethrows -> Value {
        defer { bar?.end() }
        return try work()
    }

    private func tell(_ image: WrittenImage, _ reference: ImageReference) {
        if display.json { Console.line(image.json(reference).text, to: .output) }
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
    /// What lies beside the store, as a layer on top of the others; none where that is nothing.
    fileprivate var ownLayer: [LayerPlan] {
        let items = archiveItems().filter { item in
            if case .tree = item.content { return false }
            return true
        }
        let onlyStore = items.allSatisfy { storeDirectory.hasPrefix($0.path) }
        return onlyStore ? [] : [LayerPlan(items)]
    }
}
