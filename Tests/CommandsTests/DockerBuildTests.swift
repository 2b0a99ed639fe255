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

    @Test(
        "docker-build refuses a name that removes an entry in a layer, and builds without it if --prune leaves it out",
        arguments: ["share/.wh.note", ".wh..wh..opq", "deep/.wh.directory/file"])
    func refusesWhiteouts(_ name: String) throws {
        let scratch = try Scratch()
        let path = "/nix/store/00000000000000000000000000000000-it"
        try TreeBuilder.build(at: scratch / "tree") {
            try $0.file(ByteString("root\(path)/\(name)"))
            try $0.file("closure", .text("\(path)\n"))
            try $0.file("builder", .text("#!/bin/sh\ncat >/dev/null\necho built\n"), Attributes(mode: 0o755))
        }
        let tree = scratch / "tree"
        let command: [ByteString] = [
            "docker-build", "--store-root", tree / "root", "--closure", tree / "closure", "--builder", tree / "builder",
            ByteString(path),
        ]
        let refusal = try Repot.run(command)
        #expect(refusal.status == 1 && refusal.outputText == "", "\(refusal.outputText)")
        #expect(refusal.errorText.contains("cannot be in a layer"), "\(refusal.errorText)")
        let build = try Repot.run(command + ["--prune", "**/.wh.*"])
        #expect(build.status == 0 && build.outputText == "built\n", "\(build.errorText)")
    }
}
