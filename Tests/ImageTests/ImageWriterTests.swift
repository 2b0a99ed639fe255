import Image
import JSON
import NixClosure
import StoreFixture
import SystemCalls
import Tar
import TestSupport
import Testing

@Suite struct ImageWriterTests {
    private let fake: FakeStore
    private let infos: [PathInfo]
    private var cache: LayerCache { LayerCache(Path(fake.scratch / "cache/layers")) }

    init() throws {
        fake = try FakeStore()
        let paths = FakeStore.all.compactMap { StorePath(baseName: $0.lastComponent) }
        infos = try paths.map { PathInfo($0, references: []) }.completed(in: fake.store)
    }

    /// A layer a store path, and one of what lies beside them.
    private func spec(_ change: (inout ImageSpec) -> Void = { _ in }) -> ImageSpec {
        let layers = infos.map { LayerPlan([$0], in: fake.store) }
        let own = LayerPlan([ArchiveItem("app", .symlink(target: FakeStore.directory))])
        var spec = ImageSpec(layers: layers + [own], configuration: ImageConfiguration())
        spec.cache = cache
        change(&spec)
        return spec
    }

    private func layout(_ name: ByteString = "image") throws -> ImageLayout {
        try ImageLayout(Path(fake.scratch / name), makes: true)
    }

    @discardableResult
    private func write(
        to name: ByteString = "image", tag: String = "t", _ change: (inout ImageSpec) -> Void = { _ in }
    ) throws -> WrittenImage {
        try ImageWriter(spec(change)).write(to: try layout(name), tag: tag)
    }

    /// What lies where the digest says, through a program that unpacks it.
    private func sum(_ digest: Digest, of name: ByteString = "image", through program: ByteString = "cat") throws
        -> String
    {
        let blob = fake.scratch / name / "blobs/sha256" / ByteString(digest.hex)
        let script: ByteString = "\(program) < \"$1\" | sha256sum | cut -d ' ' -f 1"
        return try Command.succeed(["sh", "-c", script, "sh", blob]).outputText.split(separator: "\n").joined()
    }

    @Test(
        arguments: [
            (ArchiveCompression.none, "cat"), (.gzip(level: 6), "zcat"), (.zstd(level: 3), "zstd -dcq"),
        ] as [(ArchiveCompression, ByteString)])
    func digestsAreThoseOfTheBytes(_ compression: ArchiveCompression, _ program: ByteString) throws {
        for layer in try write({ $0.options.compression = compression }).layers {
            let descriptor = layer.blob.descriptor
            #expect(try sum(descriptor.digest) == descriptor.digest.hex)
            #expect(try sum(descriptor.digest, through: program) == layer.blob.diffID.hex)
        }
    }

    @Test func theSameAtAnyNumberOfWorkers() throws {
        let one = try write(to: "one") { ($0.options.workers, $0.cache) = (1, nil) }
        let many = try write(to: "many") { ($0.options.workers, $0.cache) = (16, nil) }
        #expect(one.manifest.digest == many.manifest.digest)
        #expect(try sum(one.manifest.digest, of: "one") == one.manifest.digest.hex)
        #expect(try Command.run(["diff", "-r", fake.scratch / "one", fake.scratch / "many"]).status == 0)
    }

    @Test func whatIsThereIsNeitherReadNorWritten() throws {
        let first = try write()
        #expect(first.layers.map(\.wasThere) == [false, false, false, false])
        // The store is gone, and is not missed.
        try Command.succeed(["mv", fake.root / "nix/store", fake.root / "nix/elsewhere"])
        let second = try write()
        #expect(second.manifest == first.manifest)
        #expect(second.layers.map(\.wasThere) == [true, true, true, true])
    }

    @Test func oneChangedPathIsOneLayer() throws {
        try write()
        let changed = try write { spec in
            var other = infos[1]
            other.narHash = infos[0].narHash
            spec.layers[1] = LayerPlan([other], in: fake.store)
        }
        #expect(changed.layers.map(\.wasThere) == [true, false, true, true])
    }

    @Test func aMissingBlobIsWrittenAgain() throws {
        let first = try write()
        try Command.succeed(["rm", Self.path(of: first.layers[1], in: fake.scratch / "image")])
        let second = try write()
        #expect(second.layers.map(\.wasThere) == [true, false, true, true])
        #expect(second.manifest == first.manifest)
        // One that was cut off too.
        try Command.succeed(["truncate", "-s", "100", Self.path(of: first.layers[0], in: fake.scratch / "image")])
        #expect(try write().layers.map(\.wasThere) == [false, true, true, true])
        #expect(try sum(first.layers[0].blob.descriptor.digest) == first.layers[0].blob.descriptor.digest.hex)
    }

    private static func path(of layer: WrittenLayer, in image: ByteString) -> ByteString {
        image / "blobs/sha256" / ByteString(layer.blob.descriptor.digest.hex)
    }

    @Test(arguments: [
        "echo >> \"$1\"", ": > \"$1\"", "sed -i s/size/Size/ \"$1\"", "rm \"$1\"", "rm \"$1\"; mkdir \"$1\"",
    ])
    func aDamagedMemoryIsMadeAnew(_ damage: ByteString) throws {
        let first = try write()
        let script: ByteString = "for entry in \"$0\"/*; do set -- \"$entry\"; \(damage); done"
        try Command.succeed(["sh", "-c", script, fake.scratch / "cache/layers"])
        let second = try write()
        #expect(second.layers.map(\.wasThere) == [false, false, false, true])
        #expect(second.manifest == first.manifest)
        let left = try Command.run([
            "sh", "-c", "ls -A \"$1\" | grep -v '^[0-9a-f]*$'", "sh", fake.scratch / "cache/layers",
        ])
        #expect(left.outputText == "")
        if damage != "rm \"$1\"; mkdir \"$1\"" {
            #expect(try write().layers.map(\.wasThere) == [true, true, true, true])
        }
    }

    @Test func optionsAreRememberedApart() throws {
        try write()
        for change: (inout ImageSpec) -> Void in [
            { $0.options.compression = .zstd(level: 3) }, { $0.options.compression = .zstd(level: 4) },
            { $0.options.times = .fixed(2) }, { $0.options.owner = Ownership(user: 1, group: 0) },
            { $0.options.hardLinks = .break },
        ] {
            #expect(try write(change).layers.dropLast().map(\.wasThere) == [false, false, false])
        }
        #expect(try write().layers.map(\.wasThere) == [true, true, true, true])
    }

    /// Without a cache, in a folder that cannot be made, and in one that is a file.
    @Test func aCacheIsNoCondition() throws {
        try Command.succeed(["sh", "-c", "echo > \"$1\"", "sh", fake.scratch / "file"])
        for cache in [nil, LayerCache("/proc/none/layers"), LayerCache(Path(fake.scratch / "file/layers"))] {
            let images = try (0..<2).map { _ in try write { $0.cache = cache } }
            #expect(images[0].manifest == images[1].manifest)
            #expect(images[1].layers.dropLast().allSatisfy { !$0.wasThere })
        }
    }

    @Test func tagsLiveBesideEachOther() throws {
        let one = try write(tag: "one")
        let two = try write(tag: "two") { $0.configuration.command = ["two"] }
        #expect(one.manifest != two.manifest)
        #expect(try layout().manifests().map(\.digest) == [one.manifest.digest, two.manifest.digest])
        let again = try write(tag: "one") { $0.configuration.command = ["again"] }
        #expect(try layout().manifests().map(\.digest) == [again.manifest.digest, two.manifest.digest])
        #expect(try layout().manifest("two")?.storePaths == infos.map { [$0.path] } + [[]])
        #expect(try layout().manifest("three") == nil)
    }

    @Test(arguments: ["bin/.wh.file", ".wh..wh..opq"]) func marksOfRemovalAreRefused(_ name: ByteString) throws {
        try TreeBuilder.build(at: fake.root) { try $0.file("\(FakeStore.directory)/\(name)", .text("")) }
        let error = #expect(throws: PathError.self) { try write() }
        #expect(error?.description.contains("\(name)") == true)
        #expect(error?.description.contains("--prune") == true)
    }

    @Test func otherFoldersAreLeftAlone() throws {
        try Command.succeed(["sh", "-c", "mkdir \"$1\"; echo mine > \"$1/file\"", "sh", fake.scratch / "other"])
        let error = #expect(throws: PathError.self) { try write(to: "other") }
        #expect(error?.description.contains("a directory with other entries") == true)
        #expect(throws: PathError.self) { try ImageLayout(Path(fake.scratch / "none"), makes: false) }
    }

    #if FAULT_INJECTION
        /// Whichever call fails: the image of before is still there and whole, and so is one that is told to be
        /// written.
        @Test(arguments: [Errno.inputOutput, .noSpace]) func everyCallFails(_ errno: Errno) throws {
            var before = try write(tag: "t").manifest.digest
            var number = 1
            while true {
                var spec = spec { $0.configuration.command = ["\(number)"] }
                (spec.options.workers, spec.cache) = (1, nil)
                let failing = number
                let (result, calls) = Faults.during({ call, _ in call == failing ? errno : nil }) {
                    Result { try ImageWriter(spec).write(to: try layout(), tag: "t") }
                }
                let manifests = try layout().manifests()
                #expect(manifests.count == 1)
                for descriptor in manifests { #expect(try layout().manifest("t")?.layers.count == 4, "\(descriptor)") }
                switch result {
                case .success(let image): #expect(manifests[0].digest == image.manifest.digest, "call \(number)")
                case .failure where manifests[0].digest == before: break
                case .failure:
                    // Once the index is in its place the image is there, though its lock could not be given up well.
                    let reference = try #require(ImageReference("oci:\(fake.scratch / "image"):t"))
                    let found = try StoredImage(reference, for: Platform(os: "linux", architecture: "amd64"))
                        .configuration
                    #expect(found["config"]?["Cmd"]?.elements?.map(\.string) == ["\(number)"], "call \(number)")
                }
                before = manifests[0].digest
                if calls < number { break }
                number += 1
            }
            #expect(number > 50)
        }
    #endif
}
