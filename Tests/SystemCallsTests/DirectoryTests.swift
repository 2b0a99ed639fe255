import SystemCalls
import TestSupport
import Testing

@Suite(.serialized) struct DirectoryTests {
    @Test(arguments: [300, 1024, 32768]) func batchesTogetherHaveEveryEntryOnce(_ capacity: Int) throws {
        let place = try DirectoryPlace { tree in
            for number in 0..<1200 { try tree.file("entry \(number)") }
            try tree.directory("...")
        }
        var entries = DirectoryEntries(capacity: capacity)
        var names: [Name] = []
        var batches = 0
        while try entries.read(from: place.directory) {
            batches += 1
            entries.forEach { names.append($0.name) }
        }
        #expect(names.count == 1201)
        #expect(Set(names).count == 1201)
        #expect(names.contains(Name("...")) && !names.contains(Name(".")) && !names.contains(Name("..")))
        #expect(batches > 1201 * 30 / capacity / 2)
    }

    @Test func longNamesThatAreNoText() throws {
        let long = ByteString([UInt8](repeating: 0xfe, count: 255))
        let place = try DirectoryPlace { try $0.file(long) }
        var entries = DirectoryEntries(capacity: 300)
        #expect(try entries.read(from: place.directory))
        var names: [[UInt8]] = []
        entries.forEach { names.append($0.name.bytes) }
        while try entries.read(from: place.directory) { entries.forEach { names.append($0.name.bytes) } }
        #expect(names == [long.bytes])
    }

    @Test func kindsAreAsListed() throws {
        let place = try DirectoryPlace { tree in
            try tree.file("file")
            try tree.directory("folder")
            try tree.symbolicLink("symlink", to: "file")
            try tree.fifo("fifo")
            try tree.socket("socket")
        }
        var entries = DirectoryEntries(capacity: 4096)
        var kinds: [String: FileKind] = [:]
        while try entries.read(from: place.directory) {
            entries.forEach { kinds[String(decoding: $0.name.bytes, as: UTF8.self)] = $0.kind }
        }
        #expect(
            kinds == ["file": .regular, "folder": .directory, "symlink": .symlink, "fifo": .fifo, "socket": .socket])
    }

    @Test func anEmptyFolderHasNothing() throws {
        let place = try DirectoryPlace { _ in }
        var entries = DirectoryEntries(capacity: 4096)
        var count = 0
        while try entries.read(from: place.directory) { entries.forEach { _ in count += 1 } }
        #expect(count == 0)
    }

    @Test(arguments: [1, 255, 4000, 4095]) func targetsOfAnyLength(_ length: Int) throws {
        let target = ByteString([UInt8](repeating: 0xe9, count: length))
        let place = try DirectoryPlace { try $0.symbolicLink("symlink", to: target) }
        #expect(try place.directory.readLink(Name("symlink")).bytes == target.bytes)
    }

    /// A FIFO without a writer, and one without a reader: neither open may wait.
    @Test func fifosDoNotHoldUs() throws {
        let place = try DirectoryPlace { try $0.fifo("fifo") }
        #expect(try place.directory.openFile(Name("fifo"), .noFollow).metadata().kind == .fifo)
        #expect(throws: Errno.noSuchDevice) { _ = try place.directory.openForWriting(Name("fifo"), .noFollow) }
    }

    @Test func metadataIsWhatWasSet() throws {
        let times = [(-2_100_000_000, 1), (4_500_000_000, 999_999_999)]
        for (seconds, nanoseconds) in times {
            let time = TestSupport.Timestamp(seconds: seconds, nanoseconds: nanoseconds)
            let place = try DirectoryPlace { tree in
                try tree.file("file", .pattern(size: 5000), Attributes(mode: 0o6754, modified: time, accessed: time))
                try tree.hardLink("second", to: "file")
            }
            let found = try place.directory.metadata(of: Name("file"), following: false)
            #expect(found.kind == .regular && found.size == 5000 && found.links == 2)
            #expect(found.mode == FileMode(rawValue: 0o6754))
            #expect(found.mode.isSuperset(of: [.setUser, .setGroup]) && !found.mode.contains(.sticky))
            #expect(found.modified.seconds == Int64(seconds) && found.modified.nanoseconds == UInt32(nanoseconds))
            #expect(found.accessed == found.modified)
            let other = try place.directory.metadata(of: Name("second"), following: false)
            #expect(other.identity == found.identity && other.mount == found.mount && found.mount != 0)
            #expect(try place.directory.metadata().identity != found.identity)
        }
    }

    @Test func filesBelowProcAreReadToTheEnd() throws {
        #expect(try readSmallFile("/proc/self/status").count > 500)
        #expect(throws: Errno.notFound) { try readSmallFile("/proc/self/nothing") }
    }
}

/// A folder of a test's own, open.
struct DirectoryPlace {
    let scratch: Scratch
    let directory: Directory

    init(in parent: ByteString? = nil, _ fill: (TreeBuilder) throws -> Void) throws {
        scratch = try Scratch(in: parent)
        try TreeBuilder.build(at: scratch.path, fill)
        directory = try Directory.current.openDirectory(Name(Path(scratch.path.bytes)), [])
    }
}
