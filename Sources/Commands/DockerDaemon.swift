import Image
import JSON
import SystemCalls
import Tar

/// A Docker daemon, by its client.
struct DockerDaemon {
    private static let remedy = "write docker-archive:FILE instead, and load that where Docker is"
    /// How many images are asked about at a time: a command line has an end.
    private static let batch = 200

    var isOutputAside = false

    /// The layers of the daemon's images, which need not be sent; none if the daemon does not list them, as if
    /// `docker` is podman. A daemon that keeps its images in containerd needs all blobs of an archive. Other daemons
    /// identify a layer by its digest and those of all layers below it, and do not open the file of an existing layer.
    /// Source: moby, image/tarexport/load.go.
    ///
    /// - Throws: An error if there is no client, or if it reaches no daemon.
    func stacks() throws(ArchiveError) -> LayerStacks {
        try requireDaemon()
        guard let driver = answer(["info", "-f", "{{json .DriverStatus}}"]),
            !driver.contains("io.containerd.snapshotter"), let list = answer(["image", "ls", "-q", "--no-trunc"])
        else { return LayerStacks([]) }
        let images = Set(list.split(separator: "\n").map(String.init)).sorted()
        var stacks: [[Digest]] = []
        for start in stride(from: 0, to: images.count, by: Self.batch) {
            let some = Array(images[start..<min(start + Self.batch, images.count)])
            // An image may be removed meanwhile; then none of them counts.
            guard let lines = answer(["image", "inspect", "-f", "{{json .RootFS.Layers}}"] + some) else { continue }
            for line in lines.split(separator: "\n") {
                let layers = (try? JSONReader.value(of: Array(line.utf8)))?.elements ?? []
                stacks.append(layers.compactMap { $0.string.flatMap { Digest($0) } })
            }
        }
        return LayerStacks(stacks)
    }

    private func requireDaemon() throws(ArchiveError) {
        let result: Subprocess.Result
        do throws(Errno) { result = try Subprocess.run(["docker", "version"]) } catch {
            throw .refused(
                "docker",
                "cannot run 'docker': \(error.message); install it and see that you may run it, or \(Self.remedy)")
        }
        if result.status != 0 {
            throw .refused(
                "docker",
                "'docker version' failed with status \(result.status); its own words are above. Is its daemon running, "
                    + "and may you use it ('docker info')? Or \(Self.remedy)")
        }
    }

    /// The output of a query; nil if it fails. Error messages are discarded, since all layers can be sent instead.
    private func answer(_ arguments: [String]) -> String? {
        guard let result = try? Subprocess.run((["docker"] + arguments).map { Path($0) }, .discarded),
            result.status == 0
        else { return nil }
        return String(decoding: result.output, as: UTF8.self)
    }

    /// Has it take an archive; false when it would not. nil when the user has interrupted both.
    func load(_ archive: TarWriter) throws(ArchiveError) -> Bool? {
        let program = FedProgram(
            command: ["docker", "load"],
            remedies: (missing: "install it, or \(Self.remedy)", refused: "see that you may run it, or \(Self.remedy)"),
            isOutputAside: isOutputAside)
        return try program.run(archive, named: "the image").map { $0 == 0 }
    }
}
