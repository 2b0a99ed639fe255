import JSON
import Testing

@testable import Image

/// How an image's configuration comes of what is below it, of what somebody wrote, and of options.
@Suite struct ImageConfigurationTests {
    private static func json(_ text: String) throws -> JSONValue { try JSONReader.value(of: Array(text.utf8)) }

    private static let base = """
        {"architecture":"arm","variant":"v7","os":"linux","author":"them",
         "config":{"Env":["A=1","B=2"],"Cmd":["old"],"Entrypoint":["sh"],"Labels":{"l":"1","m":"2"},"User":"u",
                   "ExposedPorts":{"80/tcp":{}},"Volumes":null,"Healthcheck":{"Test":["CMD","x"]}},
         "rootfs":{"type":"layers","diff_ids":["sha256:x"]},
         "history":[{"created_by":"them"},{"created_by":"nothing","empty_layer":true}]}
        """

    private func made(_ change: (inout ImageConfiguration) throws -> Void) rethrows -> JSONValue {
        var configuration = ImageConfiguration()
        configuration.platform = Platform(os: "linux", architecture: "arm")
        try change(&configuration)
        return configuration.json(baseLayers: [Digest(of: [1])], layers: [(Digest(of: [2]), "story")])
    }

    @Test func theBaseIsInherited() throws {
        let made = try made {
            $0.base = try Self.json(Self.base)
            $0.platform.variant = "v7"
        }
        let expected = """
            {"Cmd":["old"],"Entrypoint":["sh"],"Env":["A=1","B=2"],"ExposedPorts":{"80/tcp":{}},\
            "Healthcheck":{"Test":["CMD","x"]},"Labels":{"l":"1","m":"2"},"User":"u"}
            """
        #expect(made["config"]?.text == expected)
        #expect(made["author"]?.string == "them" && made["variant"]?.string == "v7")
        #expect(made["rootfs"]?["diff_ids"]?.elements?.count == 2)
        #expect(
            made["history"]?.elements?.compactMap { $0["created_by"]?.string } == ["them", "nothing", "repot image"])
    }

    @Test func whatIsOnTopCounts() throws {
        let made = try made {
            $0.base = try Self.json(Self.base)
            $0.written = try Self.json(
                #"{"author":"me","config":{"Env":["B=3","C=4"],"Labels":{"m":"3"},"Entrypoint":["bash"],"User":null}}"#)
            $0.environment = ["C=5"]
            $0.ports = ["81"]
            $0.volumes = ["/data"]
            $0.stopSignal = "SIGINT"
        }
        let expected = """
            {"Entrypoint":["bash"],"Env":["A=1","B=3","C=5"],"ExposedPorts":{"80/tcp":{},"81/tcp":{}},\
            "Healthcheck":{"Test":["CMD","x"]},"Labels":{"l":"1","m":"3"},"StopSignal":"SIGINT","User":"u",\
            "Volumes":{"/data":{}}}
            """
        #expect(made["config"]?.text == expected)
        #expect(made["author"]?.string == "me")
    }

    @Test("names of variables, labels, ports and other keys are split and compared as bytes")
    func comparesBytes() throws {
        let (composed, decomposed) = ("\u{c9}", "E\u{301}")
        let made = try made {
            $0.base = try Self.json(
                #"{"config":{"Env":["\#(composed)=1","A=1"],"Labels":{"\#(composed)":"1"},"\#(composed)":1}}"#)
            $0.written = try Self.json(#"{"config":{"Labels":{"\#(decomposed)":"2"},"\#(decomposed)":2}}"#)
            $0.environment = ["\(decomposed)=2", "A=\u{301}=3"]
            $0.labels = ["B=\u{301}", "\(composed)=4"]
        }
        let expected = """
            {"Env":["\u{c9}=1","A=\u{301}=3","E\u{301}=2"],"E\u{301}":2,\
            "Labels":{"B":"\u{301}","E\u{301}":"2","\u{c9}":"4"},"\u{c9}":1}
            """
        #expect(made["config"].map { Array($0.text.utf8) } == Array(expected.utf8), "\(made.text)")
    }

    @Test("each layer of a base without history gets an entry, which does not name repot as its author")
    func historyHasALineALayer() throws {
        let made = try made { $0.base = try Self.json(#"{"rootfs":{}}"#) }
        #expect(made["history"]?.elements?.map { $0["created_by"]?.string } == [nil, "repot image"])
        #expect(
            made["history"]?.elements?.compactMap { $0["comment"]?.string } == ["layer of the base image", "story"])
        #expect(made["config"]?.text == "{}" && made["variant"] == nil)
    }

    /// Docker takes no image that tells of more layers than it has.
    @Test func historyThatTellsTooMuchIsDropped() throws {
        let told = #"{"history":[{"created_by":"a"},{"created_by":"b"},{"created_by":"c","empty_layer":true}]}"#
        let made = try made { $0.base = try Self.json(told) }
        #expect(
            made["history"]?.elements?.compactMap { $0["comment"]?.string } == ["layer of the base image", "story"])
    }
}

/// What an ELF header says. Source: elf(5).
@Suite struct ArchitectureTests {
    private func header(_ kind: UInt8, _ order: UInt8, _ machine: Int) -> [UInt8] {
        let number =
            order == 1 ? [UInt8(machine & 255), UInt8(machine >> 8)] : [UInt8(machine >> 8), UInt8(machine & 255)]
        return [0x7f, 0x45, 0x4c, 0x46, kind, order] + [UInt8](repeating: 0, count: 12) + number
    }

    @Test(
        arguments: [
            (2, 1, 62, "amd64"), (1, 1, 62, "amd64"), (1, 1, 3, "386"), (2, 1, 183, "arm64"), (1, 1, 40, "arm"),
            (2, 1, 243, "riscv64"), (2, 1, 21, "ppc64le"), (2, 2, 21, "ppc64"), (2, 2, 22, "s390x"),
            (1, 1, 8, "mipsle"),
            (2, 2, 8, "mips64"), (2, 1, 258, "loong64"), (2, 1, 9999, nil), (1, 1, 183, nil),
        ] as [(UInt8, UInt8, Int, String?)])
    func isGoesWord(_ kind: UInt8, _ order: UInt8, _ machine: Int, _ word: String?) {
        #expect(Architecture.of(elf: header(kind, order, machine)) == word)
        #expect(word.map(Architecture.known.contains) ?? true)
    }

    @Test func otherFilesHaveNone() {
        #expect(Architecture.of(elf: Array("#!/bin/sh\nexec something".utf8)) == nil)
        #expect(Architecture.of(elf: Array(header(2, 1, 62).dropLast())) == nil)
        #expect(Architecture.known.contains(Architecture.own))
    }
}
