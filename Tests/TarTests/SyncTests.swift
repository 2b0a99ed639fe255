import Synchronization
import SystemCalls
import Tar
import TestSupport
import Testing

/// Archives that are on disk when the run ends, and names that earlier runs have left.
@Suite(.serialized) struct SyncTests {
    private let scratch: Scratch
    private var tar: ByteString { scratch / "out/a.tar" }

    init() throws {
        let scratch = try Scratch()
        try TreeBuilder.build(at: scratch / "out") { _ in }
        try TreeBuilder.build(at: scratch / "tree") { try $0.file("file", .text("content")) }
        self.scratch = scratch
    }

    /// Archives with `--sync`, and returns the calls that sync or name files.
    private func calls(_ plan: @escaping @Sendable (SystemCall) -> Errno? = { _ in nil }) throws -> [SystemCall] {
        let seen = Mutex<[SystemCall]>([])
        let writer = try TarWriter([ArchiveItem(".", .tree(Path(scratch / "tree")))])
        _ = try Faults.during({ _, call in
            if [.sync, .link, .rename, .write].contains(call) { seen.withLock { $0.append(call) } }
            return plan(call)
        }) { try writer.write(to: .file(Path(tar)), syncs: true) }
        return seen.withLock { $0 }
    }

    @Test("the content is on disk before the archive gets its name, and the name is on disk at the end")
    func syncsBeforeNames() throws {
        #expect(try calls().suffix(3) == [.sync, .link, .sync])
        #expect(try calls().suffix(4) == [.sync, .link, .rename, .sync])
    }

    @Test("content that may not be on disk gets no name, and a name that may not be on disk is an error")
    func reportsFailures() throws {
        #expect(throws: ArchiveError.self) { try calls { $0 == .sync ? .inputOutput : nil } }
        #expect(try Command.succeed(["ls", "-A", scratch / "out"]).outputText == "")
    }

    @Test("without a file that has no name, the content is on disk before the archive gets its name, too")
    func syncsTemporaryNames() throws {
        let opened = Mutex(0)
        // The second file that is opened is the one without a name.
        let calls = try calls { call in
            guard call == .open else { return nil }
            return opened.withLock {
                $0 += 1; return $0 == 2
            } ? .notSupported : nil
        }
        #expect(calls.suffix(3) == [.sync, .rename, .sync])
        #expect(try Command.succeed(["ls", "-A", scratch / "out"]).outputText == "a.tar\n")
    }

    @Test("an output that cannot be synced is an error before anything is written", arguments: ["fifo", "/dev/null"])
    func refusesPipes(_ output: ByteString) throws {
        try TreeBuilder.build(at: scratch / "out") { try $0.fifo("fifo") }
        let path = output.bytes.first == UInt8(ascii: "/") ? output : scratch / "out" / output
        let error = #expect(throws: ArchiveError.self) {
            try TarWriter([]).write(to: .file(Path(path)), syncs: true)
        }
        #expect(error?.description.contains("is not a file, so --sync cannot wait") == true)
    }

    @Test("temporary names that a power cut has left go with the next archive that replaces one")
    func removesStaleNames() throws {
        let stale = ByteString(".repot-\(String(repeating: "d", count: 16))")
        try archive(scratch / "tree", to: tar)
        try TreeBuilder.build(at: scratch / "out") { tree in
            try tree.file(stale, .text(""))
            try tree.file(stale + "-1", .text("content"))
            try tree.file(".repot-other", .text("content"))
        }
        try archive(scratch / "tree", to: tar)
        #expect(try Command.succeed(["ls", "-A", scratch / "out"]).outputText == ".repot-other\na.tar\n")
    }
}
