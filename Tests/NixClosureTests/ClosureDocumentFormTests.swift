import Nar
import NixClosure
import StoreFixture
import SystemCalls
import TestSupport
import Testing

/// The forms in which Nix writes closures, as it writes them, and what is wrong with some.
@Suite struct ClosureDocumentFormTests {
    private static let a = "/nix/store/\(name)"
    private static let name = "00000000000000000000000000000000-a"
    private static let b = "/nix/store/11111111111111111111111111111111-b"
    private static let drv = "/nix/store/22222222222222222222222222222222-a.drv"
    private static let hex = "0906975f7862732ef1e54fa6247fe7712fbba542e871c4cd5182e6c5639422cb"
    private static let base32 = "sha256:1jr2jiiwbrl2a76w8wg88ajvnbviwxzj99jgwpqjwwv2g1grf1h9"
    private static let sri = "sha256-CQaXX3hicy7x5U+mJH/ncS+7pULoccTNUYLmxWOUIss="

    private let fake: FakeStore

    init() throws { fake = try FakeStore() }

    private func read(_ text: String) throws -> ClosureDocument {
        try ClosureDocument(reading: try fake.list(text), fake.store)
    }

    private static let registrations = [
        // nix-store --dump-db
        "\(a)\n\(hex)\n136\n\(drv)\n2\n\(a)\n\(b)\n\(b)\n\(hex)\n160\n\n0\n",
        // closureInfo
        "\(a)\n\(base32)\n136\n\n2\n\(a)\n\(b)\n\(b)\n\(base32)\n160\n\n0\n",
    ]
    /// exportReferencesGraph
    private static let graph = "\(a)\n\n2\n\(a)\n\(b)\n\(b)\n\(drv)\n0\n"

    private static let arrays = [
        // To Nix 2.18; old and new hashes.
        """
        [{"path":"\(a)","narHash":"\(base32)","narSize":136,"references":["\(a)","\(b)"],"deriver":"\(drv)","valid":true},
         {"path":"\(b)","narHash":"\(sri)","narSize":160,"references":[],"registrationTime":1,"ultimate":true}]
        """,
        // From 2.19 on.
        """
        {"\(a)":{"narHash":"\(sri)","narSize":136,"references":["\(a)","\(b)"],"deriver":"\(drv)","ca":null},
         "\(b)":{"narHash":"\(sri)","narSize":160,"references":[],"deriver":null}}
        """,
        // Its second version: names, and hashes in parts.
        """
        {"version":2,"storeDir":"/nix/store","info":{
         "00000000000000000000000000000000-a":{"narHash":{"algorithm":"sha256","format":"base64","hash":
          "CQaXX3hicy7x5U+mJH/ncS+7pULoccTNUYLmxWOUIss="},"narSize":136,"references":["00000000000000000000000000000000-a",
          "11111111111111111111111111111111-b"],"deriver":"22222222222222222222222222222222-a.drv"},
         "11111111111111111111111111111111-b":{"narHash":"\(sri)","narSize":160,"references":[]}}}
        """,
        // .attrs.json
        """
        {"name":"x","exportReferencesGraph":{"closure":["\(a)"]},"outputs":{"out":"/nix/store/x"},
         "closure":[{"path":"\(a)","narHash":"\(base32)","narSize":136,"closureSize":296,"references":["\(a)","\(b)"],
          "deriver":"\(drv)"},{"path":"\(b)","narHash":"\(base32)","narSize":160,"closureSize":160,"references":[]}]}
        """,
    ]

    @Test(arguments: registrations + arrays) func complete(_ text: String) throws {
        let infos = try #require(try read(text).infos)
        #expect(infos.map { fake.store.path(of: $0.path).description } == [Self.a, Self.b])
        #expect(infos.map { $0.narHash?.base16 } == [Self.hex, Self.hex])
        #expect(infos.map(\.narSize) == [136, 160])
        #expect(infos.map { $0.references.map(\.name) } == [["a", "b"], []])
    }

    @Test func forms() throws {
        #expect(try Self.registrations.map { try read($0).form } == [.registration, .registration])
        #expect(try Self.arrays.map { try read($0).form } == [.pathInfo, .pathInfo, .pathInfo, .attributes])
        #expect(try read("\(Self.a)\n\n\(Self.b)\n").form == .list)
        #expect(try read("\(Self.a)\n").infos == nil)
    }

    @Test func withoutHashes() throws {
        let document = try read(Self.graph)
        #expect(document.form == .registration)
        #expect(document.infos?.map { $0.references.map(\.name) } == [["a", "b"], []])
        #expect(document.infos?.map(\.narHash) == [nil, nil])
        #expect(document.infos?.map { $0.deriver?.name } == [nil, "a.drv"])
    }

    /// Two registrations one after the other, two graphs of one derivation.
    @Test func whatIsToldTwiceCountsOnce() throws {
        let graph = "[{\"path\":\"\(Self.a)\",\"references\":[]}]"
        let attributes = "{\"exportReferencesGraph\":{\"x\":[],\"y\":[]},\"x\":\(graph),\"y\":\(graph)}"
        for text in [Self.registrations[0] + Self.registrations[0], Self.graph + Self.graph, attributes] {
            let document = try read(text)
            let infos = try #require(document.infos)
            #expect(Set(infos.map(\.path)).count == infos.count)
            #expect(document.storePaths == infos.map(\.path))
        }
    }

    /// What is wrong, and what the message has to say of it: a line, or a key.
    @Test(arguments: [
        ("\(a)\n\(hex)\n136\n\n1\n", "ends in the middle"), ("\(a)\n\(hex)\n136\n\n2\n\(b)\n", "after line 6"),
        ("\(a)\n\(hex)\nmany\n\n0\n", "line 3: a size"),
        ("\(a)\n\(hex)\n136\n\nno\n", "line 5: a number of references"),
        ("\(a)\n\(hex)\n136\n/etc/x\n0\n", "line 4: '/etc/x'"),
        ("\(a)\n\(hex)\n136\n\n1\n/etc/x\n", "line 6: '/etc/x'"),
        ("\(a)\n\(hex)\n136\n\n0\n\(b)\n\(drv)\n0\n", "line 7: a SHA-256"),
        ("\(a)\n\n1\n", "ends in the middle"), ("\(a)\n\n-1\n", "line 3: a number of references"),
        ("[{\"path\":\"\(a)\",\"references\":[]}", "line 1: invalid JSON"), ("{", "line 1: invalid JSON"),
        ("[]", "contains no store paths"),
        ("[{\"path\":3,\"references\":[]}]", "key '[0].path'"), ("[{\"path\":\"\(a)\"}]", "key '[0].references'"),
        ("[{\"references\":[]}]", "key '[0].path'"),
        ("[{\"path\":\"/x\",\"references\":[]}]", "key '[0]': a store path"),
        ("[{\"path\":\"\(a)\",\"references\":[\"/y\"]}]", "[0].references[0]"),
        ("[{\"path\":\"\(a)\",\"references\":[],\"narHash\":\"sha256:0\"}]", "a SHA-256 is expected, not \"sha256:0\""),
        ("[{\"path\":\"\(a)\",\"references\":[],\"narSize\":-1}]", "narSize"),
        ("[{\"path\":\"\(a)\",\"references\":[],\"narSize\":1e300}]", "a size in bytes is expected, not 1e+300"),
        ("[{\"path\":\"\(a)\",\"valid\":false}]", "is not valid"), ("{\"\(a)\":null}", "is not valid"),
        ("{\"exportReferencesGraph\":{\"closure\":[]}}", "closure"), ("{\"x\":{\"references\":[]}}", "key 'x'"),
    ])
    func malformed(_ text: String, _ word: String) throws {
        let error = #expect(throws: ClosureError.self) { try read(text) }
        #expect(error?.description.contains(word) == true, "\(error?.description ?? "")")
        #expect(error?.description.contains("/list") == true)
    }

    @Test(
        "a NUL byte in a registration or in JSON is an error that names the line or the key",
        arguments: [
            ("\(a)\n\(hex)\n136\n\n1\n\(b)\0x\n", "line 6: a NUL byte"),
            ("\(a)\0\n\(hex)\n136\n\n0\n", "line 1: a NUL byte"), ("\(a)\n\(hex)\n136\n\0\n0\n", "line 4: a NUL byte"),
            ("\(a)\n\n1\n\(b)\0\n", "line 4: a NUL byte"), ("\(a)\n\(hex)\n136\n\(drv)\0\n0\n", "line 4: a NUL byte"),
            // A registration whose fields are separated by NUL bytes is neither a registration nor a list.
            ("\(a)\0\(hex)\0136\0\00\0", "line 2: '\(hex)' is not a store path"),
            ("{\"\(a)\\u0000x\":{\"references\":[]}}", "a store path in /nix/store is expected, not \"\(a)\\u0000x\""),
            ("[{\"path\":\"\(a)\\u0000\",\"references\":[]}]", "key '[0]': a store path"),
            ("[{\"path\":\"\(a)\",\"references\":[\"\(b)\\u0000\"]}]", "[0].references[0]"),
            ("[{\"path\":\"\(a)\",\"references\":[],\"deriver\":\"\(drv)\\u0000\"}]", "[0].deriver"),
            (
                "{\"version\":2,\"info\":{\"\(name)\\u0000\":{\"references\":[]}}}",
                "store path"
            ),
            ("[{\"path\":\n\"\(a)\0\",\"references\":[]}]", "line 2: invalid JSON"),
        ])
    func containsNUL(_ text: String, _ word: String) throws {
        let error = #expect(throws: ClosureError.self) { try read(text) }
        #expect(error?.description.contains(word) == true, "\(error?.description ?? "")")
    }

    private static let nullHex = String(repeating: "0", count: 64)
    private static let nullBase64 = String(repeating: "A", count: 43) + "="

    @Test(
        "the null hash and size 0 mean unknown",
        arguments: [
            "\(a)\n\(nullHex)\n0\n\n0\n", "\(a)\nsha256:\(String(repeating: "0", count: 52))\n0\n\n0\n",
            "[{\"path\":\"\(a)\",\"narHash\":\"sha256:\(nullHex)\",\"narSize\":0,\"references\":[]}]",
            "{\"\(a)\":{\"narHash\":\"sha256-\(nullBase64)\",\"narSize\":0,\"references\":[]}}",
            "[{\"path\":\"\(a)\",\"narHash\":{\"algorithm\":\"sha256\",\"hash\":\"\(nullBase64)\"},\"references\":[]}]",
        ])
    func unknown(_ text: String) throws {
        let info = try #require(try read(text).infos?.first)
        #expect(info.narHash == nil && info.narSize == nil)
    }

    @Test("unknown hashes and sizes are computed, known hashes are kept, and so are sizes with a hash")
    func completes() throws {
        let file = "\(FakeStore.file)"
        let computed = try #require(
            try read("\(file)\n\(Self.nullHex)\n0\n\n0\n").infos?.completed(in: fake.store).first)
        let content = NarDigests(workers: 1).digests(of: [NarTree(fake.store.physicalPath(of: computed.path))])
        #expect(try computed.narHash == content[0].get().hash && computed.narSize == content[0].get().size)
        for (hash, size) in [(Self.hex, "0"), (Self.nullHex, "7")] {
            let text = "\(file)\n\(hash)\n\(size)\n\n0\n"
            let info = try #require(try read(text).infos?.completed(in: fake.store).first)
            #expect(info.narHash?.base16 == (hash == Self.hex ? Self.hex : computed.narHash?.base16))
            #expect(info.narSize == computed.narSize)
        }
        let known = try read("\(file)\n\(Self.hex)\n7\n\n0\n").infos
        #expect(try known?.completed(in: fake.store) == known)
    }

    @Test(
        "a storeDir other than the store's directory is an error, in a document and in a record",
        arguments: [
            (
                "{\"version\":2,\"storeDir\":%,\"info\":{\"\(name)\":{\"references\":[]}}}",
                "'storeDir'"
            ),
            (
                "{\"version\":2,\"info\":{\"\(name)\":{\"storeDir\":%,\"references\":[]}}}",
                "'\(name).storeDir'"
            ),
            ("{\"\(a)\":{\"storeDir\":%,\"references\":[]}}", "'\(a).storeDir'"),
            ("[{\"path\":\"\(a)\",\"storeDir\":%,\"references\":[]}]", "'[0].storeDir'"),
        ])
    func storeDirectory(_ text: String, _ key: String) throws {
        func document(_ directory: String) throws -> ClosureDocument {
            try read(text.split(separator: "%").joined(separator: directory))
        }
        for directory in ["\"/foo/store\"", "\"/nix/store\\u0000\"", "3"] {
            let error = #expect(throws: ClosureError.self) { try document(directory) }
            let message = "key \(key): the store is \(directory), not /nix/store"
            #expect(error?.description.contains(message) == true, "\(error?.description ?? "")")
        }
        #expect(try document("\"/nix/store\"").storePaths.map(\.name) == ["a"])
        #expect(try document("null").storePaths.map(\.name) == ["a"])
    }

    @Test("a store path that is recorded twice has the references of both records, unless their hashes differ")
    func recordsAreJoined() throws {
        func record(_ hash: String, _ references: String) -> String {
            "{\"\(Self.a)\":{\"narHash\":\"sha256:\(hash)\",\"narSize\":1,\"references\":[\(references)]},"
        }
        let other = String(Self.hex.reversed())
        let second = "\"\(Self.a)\":{\"narHash\":\"sha256:\(Self.hex)\",\"references\":[]}}"
        let info = try #require(try read(record(Self.hex, "\"\(Self.a)\"") + second).infos?.first)
        #expect(info.references.count == 1 && info.narSize == 1)
        let error = #expect(throws: ClosureError.self) { try read(record(other, "") + second) }
        #expect(error?.description.contains("has two hashes or sizes in") == true, "\(error?.description ?? "")")
    }

    /// What a document says may play no tricks on a terminal.
    @Test(arguments: [
        "\u{1b}[2J\n", "\(a)\n\(hex)\n\u{1b}[2J\n\n0\n", "{\"\u{1b}[2J\" 1}", "{\"\\u001b[2J\":{}}",
        "{\"\\u001b[2J\" 1}", "[{\"path\":\"\\u001b[2J\"}]",
    ])
    func messagesAreTame(_ text: String) throws {
        let error = #expect(throws: ClosureError.self) { try read(text) }
        #expect(error?.description.contains("\u{1b}") == false, "\(error?.description ?? "")")
    }
}
