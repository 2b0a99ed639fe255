import Dispatch
import Image
import JSON
import StoreFixture
import Synchronization
import SystemCalls
import Tar
import TestSupport
import Testing

/// A layout in the hands of several, of whom some are other programs.
@Suite(.serialized) struct LayoutTests {
    private let fixture: ImageFixture

    init() throws { fixture = try ImageFixture() }

    /// Each round in a folder that is not there yet, each tag written once.
    @Test func manyAtOnceInAFreshFolder() throws {
        let tags = (0..<6).map { "t\($0)" }
        for round in 0..<25 {
            let failures = Mutex<[String]>([])
            let group = DispatchGroup()
            for tag in tags {
                DispatchQueue(label: tag).async(group: group) { [fixture] in
                    do {
                        try fixture.write([[0]], to: ByteString("round-\(round)"), tag: tag) {
                            ($0.configuration.command, $0.options.workers) = ([tag], 1)
                        }
                    } catch { failures.withLock { $0.append("\(error)") } }
                }
            }
            group.wait()
            #expect(failures.withLock { $0 } == [], "round \(round)")
            let layout = try fixture.layout(ByteString("round-\(round)"))
            #expect(try layout.manifests().compactMap { $0.annotations[ImageLayout.tagKey] } == tags, "round \(round)")
        }
    }

    /// What others say of their images stays, whether it is known here or not.
    @Test func entriesOfOthersStay() throws {
        try fixture.write([[0]], tag: "mine")
        let others = """
            {"mediaType":"x","digest":"sha512:\(String(repeating: "a", count: 128))","size":3,"data":"e30="},\
            {"mediaType":"x","digest":"sha256:\(String(repeating: "b", count: 64))","size":3,"urls":["http://x"],\
            "platform":{"architecture":"arm","os":"linux","variant":"v7","os.version":"1"},\
            "annotations":{"org.opencontainers.image.ref.name":"theirs","n":"o"}}
            """
        let index = """
            {"schemaVersion":2,"manifests":[\(others)],"annotations":{"a":"b"},"artifactType":"t/x",\
            "more":[1,{"x":null}]}
            """
        try fixture.run("cat >image/index.json <<'END'\n\(ByteString(index))\nEND")
        try fixture.write([[1]], tag: "mine")
        let before = try JSONReader.value(of: Array(index.utf8))
        let after = try JSONReader.value(of: Array(try fixture.run("cat image/index.json").utf8))
        for key in ["annotations", "artifactType", "more"] { #expect(after[key] == before[key], "\(key)") }
        let entries = after["manifests"]?.elements ?? []
        #expect(entries.count == 3)
        for entry in before["manifests"]?.elements ?? [] { #expect(entries.contains(entry), "\(entry.text)") }
        #expect(try fixture.stored("oci:image:mine").storePaths == [[fixture.paths[1]]])
    }

    /// Documents are read as a whole.
    @Test func anEndlessIndexIsRefused() throws {
        try fixture.write([[0]], tag: "mine")
        try fixture.run("truncate -s 200G image/index.json")
        let error = #expect(throws: PathError.self) { try fixture.write([[1]], tag: "mine") }
        #expect(error?.description.contains("index.json': File too large") == true)
    }

    /// What is attached to an image is not another image.
    @Test func attachmentsAreNoImages() throws {
        let image = try fixture.write([[0]], tag: "app")
        try fixture.layout("image").attach(Referrer(Array("{}".utf8), "text/x", about: image.manifest, created: "1"))
        #expect(try fixture.layout("image").manifests().count == 2)
        #expect(try fixture.stored("oci:image").storePaths == [[fixture.paths[0]]])
    }

    @Test("an entry that belongs to an image comes after all images")
    func attachmentsComeLast() throws {
        let image = try fixture.write([[0]], tag: "app")
        try fixture.layout("image").attach(Referrer(Array("{}".utf8), "text/x", about: image.manifest, created: "1"))
        try fixture.write([[1]], tag: "b")
        let order = try fixture.layout("image").manifests().map { $0.annotations["org.opencontainers.image.ref.name"] }
        #expect(order == ["app", "b", nil])
    }

    @Test func waitingEnds() throws {
        try fixture.write([[0]])
        let held = try Directory.current.openFile(Name(fixture.path("image/oci-layout")), [])
        try held.lock()
        let waits = Mutex<[Path]>([])
        var layout = try fixture.layout("image")
        layout.patience = Patience {
            waits.withLock { !$0.isEmpty }
        } onWait: { path in
            waits.withLock { $0.append(path) }
        }
        let image = ImageSpec(layers: [], configuration: ImageConfiguration())
        let error = #expect(throws: PathError.self) { try ImageWriter(image).write(to: layout, tag: "two") }
        #expect(error?.isCancelled == true)
        #expect(waits.withLock { $0 } == [layout.path])
        try held.close()
        _ = try ImageWriter(image).write(to: layout, tag: "two")
        #expect(try layout.manifests().count == 2)
    }

    @Test(arguments: ["index.json", "blobs; touch blobs/x image/more"]) func foldersOfOthersStay(_ name: ByteString)
        throws
    {
        try fixture.run("mkdir -p image/blobs blobs; touch image/more; rmdir image/blobs; touch image/\(name)")
        #expect(throws: PathError.self) { try fixture.layout("image") }
    }

    @Test("a directory in which a power cut has left only the index of a layout becomes a layout")
    func completesAnIndex() throws {
        let image = try fixture.write([[0]])
        try fixture.run("mv image/index.json .; rm -r image; mkdir image; mv index.json image")
        #expect(try fixture.write([[0]]).manifest == image.manifest)
        _ = try fixture.stored("oci:image")
        try fixture.run(
            """
            mkdir other; echo '{"name":"package"}' >other/index.json
            """)
        #expect(throws: PathError.self) { try fixture.layout("other") }
    }

    @Test(
        "a FIFO as a document of a layout is an error, and stays",
        arguments: ["oci-layout", "index.json"], ["mkdir image", "mkdir -p image/blobs/sha256", "true"] as [ByteString])
    func refusesFIFOs(_ name: ByteString, _ before: ByteString) throws {
        if before == "true" { try fixture.write([[0]]) } else { try fixture.run(before) }
        try fixture.run("rm -f image/\(name); mkfifo image/\(name)")
        let error = #expect(throws: PathError.self) { try fixture.layout("image") }
        #expect(error?.description.contains("/\(name)' is not a regular file") == true)
        #expect(throws: PathError.self) { try fixture.stored("oci:image") }
        #expect(try fixture.run("stat -c %F image/\(name)") == "fifo\n")
    }

    #if FAULT_INJECTION
        /// Whichever call fails, and nothing after it works: what has the marker is a layout for everyone.
        @Test func theMarkerComesLast() throws {
            for number in 1...1000 {
                let name = ByteString("new-\(number)")
                let (result, calls) = Faults.during({ call, _ in call >= number ? .inputOutput : nil }) {
                    Result { try fixture.layout(name) }
                }
                try fixture.run(
                    """
                    if test -e \(name)/oci-layout; then grep -q '"manifests":\\[\\]' \(name)/index.json; fi
                    """)
                if case .success(let layout) = result { #expect(try layout.manifests().isEmpty) }
                // The next run can use the same directory.
                _ = try fixture.layout(name)
                if calls < number { return }
            }
            Issue.record("it never ends")
        }

        @Test(
            "the index is on disk before it is renamed; with --sync, all other files are, too",
            arguments: [true, false])
        func syncsBeforeNames(_ syncs: Bool) throws {
            let layout = try ImageLayout(fixture.path("image"), makes: true, syncs: syncs)
            let seen = Mutex<[SystemCall]>([])
            let image = ImageSpec(layers: [], configuration: ImageConfiguration())
            _ = try Faults.during({ _, call in
                seen.withLock { $0.append(call) }
                return nil
            }) { try ImageWriter(image).write(to: layout, tag: "t") }
            let calls = seen.withLock { $0 }
            let renamed = try #require(calls.lastIndex(of: .rename))
            // The configuration, the manifest, the file system, and the index.
            #expect(calls[..<renamed].count { $0 == .sync } == (syncs ? 4 : 1))
            #expect(calls[renamed...].count { $0 == .sync } == (syncs ? 1 : 0))
        }
    #endif
}
