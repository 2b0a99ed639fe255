import TestSupport
import Testing

/// Memory does not grow with the number of files. `REPOT_LARGE=1`, and CI, take a million of them.
@Suite struct LargeTreeTests {
    private static let isLarge = environment("REPOT_LARGE") != nil || environment("CI") != nil
    private static let files = isLarge ? 1_000_000 : 100_000
    private static let most = 64 << 20

    /// Made by the engine itself, which is quicker than the builder: a folder is doubled until it is large.
    private func build(_ path: ByteString, _ fill: (TreeBuilder) throws -> Void) throws {
        try TreeBuilder.build(at: path, fill)
    }

    private func expectCopy(of source: ByteString, at copy: ByteString, entries: Int, _ options: [ByteString]) throws {
        let command = Command([Repot.path, "--json"] + options + [source, copy], timeout: .seconds(300))
        let result = try command.run()
        #expect(result.status == 0 && result.errorText == "")
        #expect(result.peakMemory.atLeast < Self.most, "\(options)")
        let listed = try Command.succeed(["/bin/sh", "-c", "find \"$1\" -printf . | wc -c", "sh", copy]).outputText
        #expect(listed == "\(entries)\n")
    }

    @Test func flatFolderIsCopiedInBoundedMemory() throws {
        guard let scratch = try FileSystemMatrix.require(.tmpfs)?.scratch() else { return }
        let make = "mkdir \"$1\" && cd \"$1\" && seq -f f%07.0f \(Self.files) | xargs touch"
        try Command.succeed(["/bin/sh", "-c", ByteString(make), "sh", scratch / "flat"])
        try expectCopy(of: scratch / "flat", at: scratch / "copy", entries: Self.files + 1, ["-R", "--strategy=copy"])
        try Command.succeed(["rm", "-r", scratch / "copy"])
        try expectCopy(of: scratch / "flat", at: scratch / "linked", entries: Self.files + 1, ["-Rl"])
    }

    @Test func treeOfManyFoldersIsCopiedInBoundedMemory() throws {
        guard let scratch = try FileSystemMatrix.require(.tmpfs)?.scratch() else { return }
        // A hundredth of the entries is folders; each holds a hundred files.
        let folders = Self.files / 100
        let make = """
            mkdir "$1" && cd "$1" && seq -f %06.0f \(folders) | xargs mkdir &&
            for d in *; do printf "$d/%s\n" {1..99}; done | xargs touch
            """
        try Command.succeed(["/bin/bash", "-c", ByteString(make), "sh", scratch / "wide"])
        try expectCopy(of: scratch / "wide", at: scratch / "copy", entries: Self.files + 1, ["-R", "--strategy=copy"])
    }
}
