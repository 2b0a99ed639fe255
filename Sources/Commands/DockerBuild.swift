import ArgumentParser
import NixClosure
import Rootfs
import SystemCalls
import Tar

/// `repot docker-build`: a closure as the context of `docker build`.
struct DockerBuild: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "docker-build",
        abstract: "Builds an image of a closure with docker, straight from the store.",
        usage: """
            repot docker-build [OPTION]... ROOT... [-- ARGUMENT...]
            repot docker-build [OPTION]... ROOT... --file Dockerfile [-- ARGUMENT...]
            """,
        discussion: """
            The closure is sent as a build context, with a Dockerfile in front: one made from the options, or yours, \
            which finds the root file system as the folder rootfs: COPY rootfs/ /. Each ARGUMENT goes to the builder, \
            as -t NAME does.
            """)

    @Argument(help: "Roots of the closure; after --, arguments of the builder.", completion: .file())
    var operands: [String] = []

    @Option(
        name: .shortAndLong, help: ArgumentHelp("A Dockerfile of your own.", valueName: "dockerfile"),
        completion: .file())
    var file: String?

    @Option(
        help: ArgumentHelp("The program that builds: docker, podman or buildah.", valueName: "program"),
        completion: .list(["docker", "podman", "buildah"]))
    var builder = "docker"

    @OptionGroup var closure: ClosureOptions
    @OptionGroup var image: ImageConfigOptions

    @OptionGroup var additions: RootfsOptions

    @Option(name: .shortAndLong, help: ArgumentHelp("The number of workers.", valueName: "n"))
    var jobs: Int?

    /// The words after `--`. ArgumentParser refuses a second list of words, so they are kept from it.
    var builderArguments: [String] = []

    private enum CodingKeys: String, CodingKey { case operands, file, builder, closure, image, additions, jobs }

    mutating func validate() throws {
        if operands.isEmpty, closure.closure.isEmpty, additions.profile.isEmpty {
            throw ValidationError("give at least one ROOT, or --closure FILE")
        }
        if file != nil, image.isGiven {
            throw ValidationError("--file is a whole Dockerfile: write --entrypoint and the like into it")
        }
        if let jobs, !(1...1024).contains(jobs) { throw ValidationError("--jobs takes a number from 1 to 1024") }
    }

    mutating func run() throws { try explained { try build() } }

    private func build() throws {
        let store = try closure.store()
        let known = try closure.find(operands.map { Path($0) } + additions.roots, in: store, workers: jobs)
        let additions = try additions.additions(in: store, known, workers: jobs)
        let contents = try RootfsContents(store: store, closure: known.closure, additions)
        contents.pruning.report(isQuiet: false)
        let dockerfile = try dockerfile(store, known.closure, contents)
        var options = ArchiveOptions()
        // Builders read the names that mark removals in a layer as such, in the layer that COPY makes.
        (options.workers, options.isLayer) = (jobs, true)
        let items =
            [
                ArchiveItem("Dockerfile", .file(dockerfile, mode: 0o644)),
                ArchiveItem(Path(Dockerfile.rootfs), .directory(mode: 0o755)),
            ] + contents.archiveItems(below: Path(Dockerfile.rootfs))
        let build = ImageBuild(builder: builder, arguments: builderArguments)
        let status = try build.run(try TarWriter(items, options) { Interrupt.signal != nil })
        if status != 0 { throw ExitCode(status) }
    }

    private func dockerfile(_ store: Store, _ known: Closure, _ contents: RootfsContents) throws -> [UInt8] {
        guard let file else {
            let config = try image.config(in: store, known)
            try config.warn(ContainerFiles(contents, readBase: nil))
            return Array(Dockerfile(config: config).text.utf8)
        }
        do throws(Errno) { return try Directory.current.readInput(Name(file)) } catch {
            throw PathError.failed("cannot read", Path(file), error)
        }
    }
}
