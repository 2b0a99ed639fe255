import ArgumentParser
import Image
import JSON
import NixClosure
import Pruning
import Rootfs
import SystemCalls
import Verification

/// What an image begins with: the one below it, and how it is run.
struct ImageStart {
    let base: StoredImage?
    let configuration: ImageConfiguration
    /// Whether the base alone limits the image to some of the machines of its architecture.
    private var isForVariant = false

    /// The architecture is that of the options, else of the closure's programs, else of the base, else of this machine.
    /// The variant is that of the options, else of the base.
    init(_ options: ImageBaseOptions, _ given: ImageConfiguration, _ roots: [StorePath], in store: Store) throws {
        var configuration = given
        let written = try options.written()
        let program = given.program ?? written?["config"]?.program
        let named = options.arch.flatMap { Platform(argument: $0) }
        let known =
            named?.architecture ?? written?["architecture"]?.string
            ?? ClosureArchitecture(store: store).find(program, roots)
        var platform = Platform(os: "linux", architecture: known ?? Architecture.own, variant: named?.variant)
        if platform.variant == nil, let written, (written["architecture"]?.string ?? known) == known {
            platform.variant = written["variant"]?.string
        }
        base = try options.base.flatMap { ImageReference($0) }.map { [platform] in try StoredImage($0, for: platform) }
        if let found = base?.platform {
            if known == nil { platform.architecture = found.architecture }
            if let base { try Self.check(base, platform) }
            isForVariant = platform.variant == nil && platform.rank(of: found) == nil
            platform.variant = platform.variant ?? found.variant
        }
        configuration.platform = platform
        configuration.base = base?.configuration
        configuration.written = written
        configuration.created = try options.moment(written).description
        self.configuration = configuration
    }

    private static func check(_ base: StoredImage, _ platform: Platform) throws {
        if let key = base.configuration["config"]?.keyOfNUL("config") {
            throw ValidationError(
                "the configuration of the base \(base.path.quoted) has a NUL character in '\(key)': use another base")
        }
        guard let found = base.platform else { return }
        // If no variant is requested, a base for a single platform may have any variant.
        let isSuitable =
            platform.variant == nil
            ? (found.os, found.architecture) == (platform.os, platform.architecture)
            : platform.rank(of: found) != nil
        if !isSuitable {
            throw ValidationError(
                "the base \(base.path.quoted) is for \(found), and the image for \(platform): use another base or "
                    + "pass --arch")
        }
    }

    /// The content of the base; nil without a base.
    ///
    /// - Parameter names: the names in the paths of additions outside the store.
    func contents(
        _ infos: [PathInfo], _ names: Set<Path>, in store: Store, workers: Int?, explains: Bool
    ) throws -> BaseContents? {
        guard let base else { return nil }
        let contents = try BaseContents(
            base, of: infos, in: store, names: names, documents: [PruneRecord.path, ExpectedStore.registration],
            workers: workers
        ) { Interrupt.signal != nil }
        if explains {
            Console.line("base: \(contents.storePaths.count.counted("store path")) known in its layers", to: .error)
        }
        return contents
    }

    /// Prints a warning for each reason why a container of the image cannot start.
    func warn(_ contents: RootfsContents, workers: Int?) throws {
        if isForVariant {
            let platform = configuration.platform
            Console.line(
                "repot: warning: the base is for \(platform), and so is the image; not every \(platform.architecture) "
                    + "machine can run it", to: .error)
        }
        let readBase = base.map { base in
            {
                try BaseFiles(base, contents: StartCheck.contents, workers: workers) { Interrupt.signal != nil }
            }
        }
        try configuration.warn(ContainerFiles(contents, readBase: readBase))
    }

    /// Throws an error if the base has only a part of a store path of the closure, since the image would lack the rest
    /// or have it in another layer, or if its record of pruned entries would be lost.
    func requireUnpruned(_ contents: BaseContents?, _ closure: Closure, prunes: Bool, in store: Store) throws {
        guard let base, let content = contents?.documents[PruneRecord.path] else { return }
        let record = try PruneRecord(content, named: Path("/").appending(PruneRecord.path), in: store)
        if let path = record.storePaths.first(where: closure.contains) {
            throw PathError(
                base.path,
                "the base \(base.path.quoted) was made with --prune and has only a part of '\(store.path(of: path))', "
                    + "which the image needs: name a base that is whole")
        }
        if prunes, !record.storePaths.isEmpty {
            throw PathError(
                base.path,
                "the base \(base.path.quoted) was made with --prune, and its record would be lost: leave --prune out, "
                    + "or name a base that is whole")
        }
    }

    /// The store paths that the registration of the base states; empty if it has none.
    func registration(_ contents: BaseContents?, in store: Store) throws -> [PathInfo] {
        let name = ExpectedStore.registration
        guard let content = contents?.documents[name] else { return [] }
        return try ClosureDocument(content, name: Path("/").appending(name), store).infos ?? []
    }
}

extension ImageConfiguration {
    /// Prints a warning for each reason why a container with these files cannot start.
    func warn(_ files: ContainerFiles) throws {
        var check = StartCheck(self, files)
        for warning in try check.warnings() { Console.line("repot: warning: \(warning)", to: .error) }
    }

    /// The first word of what it runs.
    fileprivate var program: String? { (entrypoint + command).first }
}

extension JSONValue {
    fileprivate var program: String? {
        ((self["Entrypoint"]?.elements ?? []) + (self["Cmd"]?.elements ?? [])).first?.string
    }
}
