import JSON
import SystemCalls
import TestSupport
import Testing

@testable import Commands
@testable import Image
@testable import NixClosure

/// Changed closures, JSON, configurations, indexes and manifests.
@Suite(.serialized) struct DocumentFuzzTests {
    private static let path = "/nix/store/00000000000000000000000000000000-app"
    private static let other = "/nix/store/11111111111111111111111111111111-lib"
    private static let digest = "sha256:" + String(repeating: "0123456789abcdef", count: 4)

    @Test("no list, registration or JSON of a closure crashes its parser, and each is equal after printing it")
    func closures() throws {
        let store = try Store(directory: "/nix/store", root: nil)
        let fuzzer = try Fuzzer("closures")
        let (path, other) = (Self.path, Self.other)
        let seeds = [
            "\(path)\n\(other)\n", "  \(path)\r\n\n\(other)\t", "\(path)\0\(other)\0",
            "\(path)\n\(Self.digest)\n120\n\(other).drv\n2\n\(path)\n\(other)\n\(other)\n\(Self.digest)\n1\n\n0\n",
            "\(path)\n\n1\n\(other)\n\(other)\n\n0\n",
            #"{"\#(path)":{"narHash":"\#(Self.digest)","narSize":120,"references":["\#(other)"],"deriver":null}}"#,
            #"[{"path":"\#(path)","narHash":"\#(Self.digest)","references":[],"storeDir":"/nix/store"}]"#,
            #"{"version":2,"storeDir":"/nix/store","info":{"00000000000000000000000000000000-a":{"references":[]}}}"#,
            #"{"exportReferencesGraph":{"g":[]},"g":[{"path":"\#(path)","references":["\#(other)"],"valid":true}]}"#,
        ]
        let tokens = [
            path, other, "\n", "\0", "\"references\":[]", "\"narHash\":", Self.digest, "sha256-", "null", "{", "}",
            "[", "]", ",", "/nix/store/", ".drv", "\"path\":", "\"storeDir\":",
        ]
        try fuzzer.run(seeds: seeds, tokens: tokens) { input in
            let document: ClosureDocument
            do throws(ClosureError) { document = try ClosureDocument(input, name: "input", store) } catch {
                return error.description
            }
            // Nothing is printed of a closure without paths, and nothing is an empty list.
            if document.storePaths.isEmpty { return "\(document.form) without paths" }
            let text = document.infos.map { registration($0, store) } ?? lines(document.storePaths, store)
            let again = try ClosureDocument(Array(text.utf8), name: "input", store)
            if again.storePaths != document.storePaths || again.infos != document.infos {
                Issue.record("is not equal after it was printed: \(try fuzzer.keepInput())")
            }
            return "\(document.form) \(min(document.storePaths.count, 4))"
        }
    }

    private func lines(_ paths: [StorePath], _ store: Store) -> String {
        paths.map { "\(store.path(of: $0))\n" }.joined()
    }

    private func registration(_ infos: [PathInfo], _ store: Store) -> String {
        infos.map { info in
            "\(store.path(of: info.path))\n\(info.narHash.map { "\($0)" } ?? String(repeating: "0", count: 64))\n"
                + "\(info.narSize ?? 0)\n\(info.deriver.map { "\(store.path(of: $0))" } ?? "")\n"
                + "\(info.references.count)\n\(lines(info.references, store))"
        }.joined()
    }

    @Test("no JSON crashes its parser, and Python reads the same value or refuses the text too")
    func json() throws {
        let fuzzer = try Fuzzer("json")
        let seeds = [
            #"{"a":[1,-2.5e3,0,true,false,null,"x\"\\\/\b\f\n\r\t\u00e9\ud83d\ude00é😀"],"b":{"c":{}}}"#, "[]", " 1 ",
            #"["\ud800","\u0000","\ud83d\u0041","\udc00\ud800"]"#, "[1.5, 1E+2, 1e-7, -0, 0.1]",
        ]
        let tokens = [
            "{", "}", "[", "]", ":", ",", "\"", "\\", "\\u", "\\ud83d", "\\ude00", "null", "true", "false", "-", "e",
            "+", ".", "01", "NaN", "Infinity", "\u{feff}", "\t", "[[[[", "é", "1e5",
        ]
        var parsed: [(input: [UInt8], text: String?)] = []
        // The first 32 MiB of inputs are compared.
        var room = 32 << 20
        try fuzzer.run(seeds: seeds, tokens: tokens) { input in
            room -= input.count
            do throws(JSONReader.Failure) {
                let value = try JSONReader.value(of: input)
                if room > 0 { parsed.append((input, value.text)) }
                return "a value"
            } catch {
                let isLimited = error.expected.hasPrefix("at most")
                if room > 0, !isLimited { parsed.append((input, nil)) }
                return error.expected
            }
        }
        try compareWithPython(parsed)
    }

    /// Text that is not UTF-8, and numbers that are too large, are refused by one of the readers only.
    private func compareWithPython(_ parsed: [(input: [UInt8], text: String?)]) throws {
        let script = """
            import json, sys
            sys.setrecursionlimit(10000)
            def fail(x): raise ValueError(x)
            def number(x):
                x = float(x)
                return 'large' if x in (float('inf'), float('-inf')) else x
            def read(text):
                return json.loads(text, parse_int=number, parse_float=number, parse_constant=fail,
                                  object_pairs_hook=lambda pairs: ('object', pairs))
            def scalar(value):
                if isinstance(value, str): return value.encode('utf-16', 'surrogatepass').decode('utf-16', 'replace')
                if isinstance(value, (list, tuple)): return [scalar(v) for v in value]
                return value
            data = sys.stdin.buffer
            def take(): 
                size = data.readline()
                return None if not size or size == b'-\\n' else data.read(int(size))
            for index in range(int(data.readline())):
                text, ours = take(), take()
                try: text = text.decode('utf-8')
                except UnicodeDecodeError: continue
                try: value = scalar(read(text))
                except (ValueError, RecursionError): value = fail
                if 'large' in repr(value): continue
                if (value is fail) != (ours is None) or ours is not None and scalar(read(ours.decode())) != value:
                    print('differs:', ascii(text)[:500], ascii(ours)[:500])
            """
        var input = Array("\(parsed.count)\n".utf8)
        for (text, value) in parsed {
            input += Array("\(text.count)\n".utf8) + text
            input += value.map { Array("\($0.utf8.count)\n\($0)".utf8) } ?? Array("-\n".utf8)
        }
        let result = try Command.run(["python3", "-c", ByteString(script)], input: input)
        #expect(result.ending == .exited(0) && result.outputText == "", "\(result.outputText) \(result.errorText)")
    }

    @Test("no configuration crashes its parser, and the configuration of the image is accepted again")
    func configurations() throws {
        let fuzzer = try Fuzzer("configurations")
        let scratch = try Scratch()
        let file = InputFile(scratch / "config")
        let seeds = [
            #"{"Env":["A=1","B="],"Cmd":["sh"],"Entrypoint":null,"User":"0:0","WorkingDir":"/","StopSignal":"9"}"#,
            #"{"config":{"Labels":{"a":"b"},"ExposedPorts":{"80/tcp":{}},"Volumes":{"/v":{}}},"os":"linux"}"#,
            #"{"architecture":"amd64","os":"linux","created":"2026-01-31T12:00:00Z","history":[],"variant":"v1"}"#,
            #"{"Healthcheck":{"Test":["CMD","x"],"Interval":1000000000},"StopTimeout":5,"OnBuild":[],"Shell":["a"]}"#,
        ]
        let tokens = [
            "\"Env\":", "\"config\":", "null", "{}", "[]", ",", "\"created\":", "\"A=1\"", "\"\"", "\"=\"",
            "\"\\u0000\"",
            "\"Cmd\":", "\"rootfs\":", "\"architecture\":\"arm64\"",
        ]
        func read(_ content: [UInt8]) throws -> WrittenConfiguration {
            try file.write(content)
            return try WrittenConfiguration(reading: file.path)
        }
        try fuzzer.run(seeds: seeds, tokens: tokens) { input in
            let written: WrittenConfiguration
            do { written = try read(input) } catch { return "\(error)" }
            var configuration = ImageConfiguration()
            configuration.written = written.json
            configuration.environment = ["A=2"]
            let json = configuration.json(baseLayers: [], layers: [])
            do { _ = try read(Array(json.text.utf8)) } catch {
                Issue.record("the image is refused with \(error): \(try fuzzer.keepInput())")
            }
            return "a configuration"
        }
    }

    @Test("no index or manifest crashes its parser, and an index with one more image can be read")
    func indexes() throws {
        let fuzzer = try Fuzzer("indexes")
        let descriptor = """
            {"mediaType":"\(MediaType.manifest)","digest":"\(Self.digest)","size":5,"platform":{"architecture":"arm",\
            "os":"linux","variant":"v7"},"annotations":{"org.opencontainers.image.ref.name":"t"}}
            """
        let seeds = [
            #"{"schemaVersion":2,"mediaType":"x","manifests":[\#(descriptor)]}"#, #"{"manifests":null,"other":[1]}"#,
            #"{"schemaVersion":2,"config":\#(descriptor),"layers":[\#(descriptor)],"manifests":[],"annotations":{}}"#,
        ]
        let tokens = [
            descriptor, ",", "null", "\"annotations\":{}", "\"urls\":[\"x\"]", "\"size\":", MediaType.index,
            Self.digest,
            "sha512:", "io.repot.subject", "\"artifactType\":\"a\"", "org.opencontainers.image.ref.name",
        ]
        let digest = try #require(Digest(Self.digest))
        try fuzzer.run(seeds: seeds, tokens: tokens) { input in
            var outcomes: [String] = []
            do throws(PathError) {
                var index = try LayoutIndex(input, "index.json")
                index.put(BlobDescriptor(MediaType.manifest, digest, size: 3), as: "fuzz")
                let again = try LayoutIndex(index.content, "index.json")
                if again.descriptors.filter({ $0.size == 3 && $0.digest == digest }).isEmpty {
                    Issue.record("an entry is lost")
                }
                outcomes.append("an index of \(index.descriptors.count > 1)")
            } catch { outcomes.append(error.description) }
            do throws(PathError) {
                let manifest = try ImageManifest(try ImageLayout.json(input, "manifest"), "manifest")
                let again = try ImageManifest(manifest.json, "manifest")
                if again != manifest { Issue.record("a manifest differs after it was written") }
                _ = manifest.storePaths
                outcomes.append("a manifest")
            } catch { outcomes.append(error.description) }
            return outcomes.joined(separator: ", ")
        }
    }
}
