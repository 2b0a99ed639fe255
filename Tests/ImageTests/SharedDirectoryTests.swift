import Image
import StoreFixture
import Synchronization
import SystemCalls
import Tar
import TestSupport
import Testing

/// Scratch layouts and layer caches in directories that other users can change.
@Suite(.serialized) struct SharedDirectoryTests {
    private let fixture: ImageFixture

    init() throws {
        fixture = try ImageFixture()
        try fixture.run("mkdir shared canary; chmod 777 shared")
    }

    private func write(to layout: ImageLayout) throws -> WrittenImage {
        let spec = ImageSpec(
            layers: [LayerPlan(fixture.infos, in: fixture.fake.store)], configuration: ImageConfiguration())
        return try ImageWriter(spec).write(to: layout, tag: "t")
    }

    @Test("a scratch layout that is renamed is read and removed all the same, and nothing is written elsewhere")
    func isReachedByItsDescriptor() throws {
        do {
            let scratch = try ScratchLayout(in: fixture.path("shared"))
            try fixture.run(
                """
                mkdir -p canary/blobs/sha256; name=$(cd shared; ls -Ad .repot-*-1)
                mv shared/$name shared/moved; ln -s "$PWD/canary" shared/$name
                """)
            let image = try write(to: scratch.layout)
            let items = ImageArchive(image, in: scratch.layout, as: .layout(tag: "t")).items
            _ = try TarWriter(items).write(to: .file(fixture.path("image.tar")))
        }
        #expect(try fixture.run("tar -tf image.tar | grep -c 'sha256/.'") == "3\n")
        #expect(try fixture.run("find canary shared/moved -type f") == "")
    }

    #if FAULT_INJECTION
        @Test(
            "a directory of another user, or a symlink, in place of a new scratch directory is refused",
            arguments: ["ln -s \"$PWD/canary\" $name", "mkdir -m 777 $name; chown 1500 $name"] as [ByteString])
        func refusesAReplacedDirectory(_ replacement: ByteString) throws {
            guard OrdinaryUser.isRoot else { return }
            let isMade = Mutex(false)
            #expect(throws: PathError.self) {
                try Faults.during({ _, call in
                    // The call after the directory was created.
                    if isMade.withLock({ $0 && call != .makeDirectory }) {
                        isMade.withLock { $0 = false }
                        _ = try? fixture.run(
                            "name=shared/$(cd shared; ls -Ad .repot-*-1); mv $name away; " + replacement)
                    }
                    if call == .makeDirectory { isMade.withLock { $0 = true } }
                    return nil
                }) { _ = try ScratchLayout(in: fixture.path("shared")) }
            }
            #expect(try fixture.run("find canary shared -type f; ls -A away") == "")
        }
    #endif

    @Test("of a full cache, the oldest entries and stale temporary names are removed, and other files stay")
    func removesOnlyItsOwnFiles() throws {
        let dead = ByteString(".repot-\(String(repeating: "d", count: 16))")
        try fixture.run(
            """
            mkdir cache; cd cache; seq -f %064.0f 20050 | xargs touch -d @1; seq -f f%g 20 | xargs touch -d @0
            touch \(dead) \(dead)-1
            """)
        try fixture.write([[0]]) { $0.cache = LayerCache(fixture.path("cache")) }
        #expect(try fixture.run("ls -A cache | grep -c '^f'") == "20\n")
        #expect(try fixture.run("ls -A cache | grep -v '^f' | grep -vc '^[0-9a-f]\\{64\\}$' || true") == "0\n")
        #expect(try fixture.run("ls -A cache | grep -c '^[0-9a-f]\\{64\\}$'") == "18000\n")
    }

    @Test(
        "a cache that is a symlink, belongs to another user or is open to others is neither read nor changed",
        arguments: ["ln -s victim cache", "mv victim cache; chown 1500 cache", "mv victim cache; chmod 777 cache"]
            as [ByteString])
    func refusesForeignCaches(_ replacement: ByteString) throws {
        guard OrdinaryUser.isRoot else { return }
        try fixture.write([[0]]) { $0.cache = LayerCache(fixture.path("victim"), owner: 0) }
        try fixture.run("chmod 755 victim; touch -d '3 days ago' victim/*; " + replacement)
        let before = try fixture.run("cd cache; stat -c '%n %Y' *")
        let again = try fixture.write([[0], [1]]) { $0.cache = LayerCache(fixture.path("cache"), owner: 0) }
        #expect(again.layers[0].wasThere == false)
        #expect(try fixture.run("cd cache; stat -c '%n %Y' *") == before)
    }

    @Test("a cache entry with another media type or size is not used, although its checksum is right")
    func refusesEntriesOfOtherBlobs() throws {
        let cache = LayerCache(fixture.path("cache"))
        let first = try fixture.write([[0]]) { $0.cache = cache }
        for change in ["s,application/[^\"]*,text/plain,", "s,\"size\":[0-9]*,\"size\":1,"] as [ByteString] {
            try fixture.run(
                """
                entry=cache/$(ls cache); head -n 1 $entry | sed '\(change)' | tr -d '\\n' >text
                test "$(head -n 1 $entry)" != "$(cat text)"
                { cat text; echo; sha256sum <text | cut -c-64 | tr -d '\\n'; } >new; mv new $entry
                """)
            let again = try fixture.write([[0]]) { $0.cache = LayerCache(fixture.path("cache")) }
            #expect(again.layers[0].wasThere == false)
            #expect(again.manifest == first.manifest)
        }
    }
}
