import TestSupport
import Testing

/// How `repot docker-build` calls the builder.
@Suite struct DockerBuildTests {
    @Test func wordsAfterTheTerminatorAreTheBuilders() throws {
        let scratch = try Scratch()
        let path = "/nix/store/00000000000000000000000000000000-it"
        try TreeBuilder.build(at: scratch / "tree") {
            try $0.file(ByteString("root\(path)/file"))
            try $0.file("closure", .text("\(path)\n"))
            try $0.file("builder", .text("#!/bin/sh\ncat >/dev/null\necho \"$@\"\n"), Attributes(mode: 0o755))
        }
        let tree = scratch / "tree"
        let options = ["--store-root", tree / "root", "--closure", tree / "closure", "--builder", tree / "builder"]
        let result = try Repot.run(["docker-build"] + options + [ByteString(path), "--", "-t", "name"])
        #expect(result.status == 0 && result.outputText == "build -t name -\n", "\(result.errorText)")
        #expect(try Repot.run(["docker-build", "--", "-t"]).errorText.contains("give at least one ROOT"))
    }
}
