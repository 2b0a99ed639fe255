import Image
import NixClosure
import StoreFixture
import SystemCalls
import Tar
import TestSupport
import Testing

/// What is remembered is what would be written.
@Suite struct LayerCacheTests {
    private let fixture: ImageFixture
    private var cache: LayerCache { LayerCache(fixture.path("cache")) }
    /// The store path that is a directory.
    private var directory: Path { fixture.fake.store.physicalPath(of: fixture.paths[0]) }

    init() throws { fixture = try ImageFixture() }

    private func write(to name: ByteString = "image") throws -> WrittenLayer {
        try fixture.write([[0]], to: name) { $0.cache = cache }.layers[0]
    }

    /// Nix knows of a file that it may be executed, and nothing else of its mode; so does a layer.
    @Test func modesAreThoseOfAStore() throws {
        let first = try write()
        try fixture.run("chmod -R u+w,go-rwx \(ByteString(directory.bytes))")
        let second = try fixture.write([[0]], to: "second").layers[0]
        #expect(second.blob == first.blob)
        let layer = ByteString(first.blob.descriptor.digest.hex)
        let modes = try fixture.run(
            "tar -tvf image/blobs/sha256/\(layer) | grep -v '^l' | awk '$6 !~ /^nix.(store.)?$/ { print $1 }' | sort -u"
        )
        #expect(
            Set(modes.split(separator: "\n")).isSubset(of: ["dr-xr-xr-x", "-r-xr-xr-x", "-r--r--r--", "hr--r--r--"]))
    }

    /// No hash tells of attributes, so a layer with them is never taken from memory, nor one from before they came.
    @Test func attributesAreNotForgotten() throws {
        let plain = try write()
        try fixture.run(
            "chmod -R u+w \(ByteString(directory.bytes)); setfattr -n user.a -v b \(ByteString(directory.bytes))")
        let marked = try write(to: "other")
        #expect(marked.blob != plain.blob)
        #expect(try !write(to: "other").wasThere)
        #expect(try write().blob == marked.blob)
    }

    /// A layer that is whole is remembered, whatever becomes of the next one.
    @Test func interruptedWorkIsNotDoneAgain() throws {
        let file = directory.appending("bin/.wh.x")
        try fixture.run("chmod u+w \(ByteString(directory.bytes))/bin; touch \(ByteString(file.bytes))")
        #expect(throws: PathError.self) {
            try fixture.write([[0], [1], [2]]) { ($0.cache, $0.options.workers) = (cache, 1) }
        }
        try fixture.run("rm \(ByteString(file.bytes))")
        let again = try fixture.write([[0], [1], [2]]) { $0.cache = cache }
        #expect(again.layers.map(\.wasThere) == [false, true, true])
    }

    @Test func whatIsInUseIsNotTheOldest() throws {
        _ = try write()
        try fixture.run("touch -d '3 days ago' cache/*")
        #expect(try write().wasThere)
        #expect(try fixture.run("find cache -type f -mtime +1") == "")
    }

    @Test func packersHaveVersions() {
        for compression in [ArchiveCompression.gzip(level: 6), .zstd(level: 3)] {
            #expect(compression.program.contains { $0.isNumber } && compression.program.contains("."))
        }
    }

    /// What lies beside the store is written to see what it is, and stays when it is the same.
    @Test func theSameOwnLayerStays() throws {
        let own = LayerPlan([ArchiveItem("app", .symlink(target: "x"))])
        let first = try fixture.write([]) { $0.layers = [own] }
        let blob = ByteString("image/blobs/sha256/\(first.layers[0].blob.descriptor.digest.hex)")
        let inode = try fixture.run("stat -c %i \(blob)")
        let second = try fixture.write([]) { $0.layers = [own] }
        #expect(second.layers[0].wasThere)
        #expect(try fixture.run("stat -c %i \(blob)") == inode)
        #expect(
            try fixture.run("grep -c store-paths image/blobs/sha256/\(ByteString(first.manifest.digest.hex)) || true")
                == "0\n")
        try fixture.run("printf '#' | dd of=\(blob) bs=1 seek=5 conv=notrunc status=none")
        #expect(try fixture.write([]) { $0.layers = [own] }.layers[0].wasThere == false)
    }
}
