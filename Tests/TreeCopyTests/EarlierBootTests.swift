import SystemCalls
import TestSupport
import Testing
import TreeCopy

/// Store paths that were copied before the machine was started: a power cut may have taken their content.
@Suite struct EarlierBootTests {
    private let scratch: Scratch
    private var source: ByteString { scratch / "source" }
    private var copy: ByteString { scratch / "to/copy" }

    init() throws {
        scratch = try Scratch()
        try TreeBuilder.build(at: scratch / "source") { tree in
            try tree.file("bin/program", .pattern(size: 700_000, seed: 1))
            try tree.file("bin/other", .text("other"))
            try tree.file("empty")
            try tree.symbolicLink("link", to: "bin/program")
        }
        try TreeBuilder.build(at: scratch / "to") { _ in }
        #expect(stage(.earlier).errors == [])
    }

    private enum Boot { case earlier, later }

    /// Copies the source as a store path. The machine was started before or after all earlier copies.
    @discardableResult
    private func stage(_ boot: Boot, excluded: Set<Path> = []) -> CopyReport {
        var options = CopyOptions()
        options.existing = .refuse
        if boot == .later { options.bootTime = Timestamp(seconds: .max, nanoseconds: 0) }
        var root = CopyRoot(source: Path(source), directory: Path(scratch / "to"), name: "copy", publication: .whole)
        root.excluded = excluded
        return CopyEngine(CopyRequest(roots: [root], options: options)).copy()
    }

    /// Commands that change the content. The times are set back afterwards.
    private static let losses = [
        "head -c 700000 /dev/zero >bin/program",
        "printf x | dd of=bin/program bs=1 seek=699999 conv=notrunc status=none",
        ": >bin/other", "rm bin/other", "rm empty; mkdir empty", "ln -sfn bin/other link", "echo >bin/more",
        "chmod a+x bin/other",
    ]

    private func apply(_ loss: String) throws {
        let script = """
            cd "$1" && cp -a . "$2" && \(loss) &&
            for name in bin/program bin/other link bin .; do
                if [ -e "$name" ]; then touch -hr "$2/$name" "$name"; fi
            done
            """
        try Command.succeed(["sh", "-c", ByteString(script), "sh", copy, scratch / "times"])
    }

    @Test("a store path from an earlier boot is replaced if its content is lost", arguments: losses)
    func replacesDamagedPaths(_ loss: String) throws {
        try apply(loss)
        #expect(try difference(source, copy) != [])
        let report = stage(.later)
        #expect(report.errors == [])
        #expect(report.counts.skipped == 0)
        #expect(try difference(source, copy) == [])
        #expect(try Listing.names(Path(scratch / "to")) == ["copy"])
    }

    @Test("a store path of this boot is not read")
    func trustsThisBoot() throws {
        try apply(Self.losses[0])
        #expect(stage(.earlier).counts.skipped == 1)
        #expect(try difference(source, copy) != [])
    }

    @Test("an equal store path from an earlier boot stays, and its status changes so that it is compared once")
    func keepsEqualPaths() throws {
        let before = try metadata(copy)
        let report = stage(.later)
        #expect(report.errors == [])
        #expect(report.counts.skipped == 1)
        let after = try metadata(copy)
        #expect(before.identity == after.identity)
        #expect(before.modified == after.modified)
        #expect(before.changed < after.changed)
        #expect(try difference(source, copy) == [])
    }

    @Test("entries that were left out of a store path do not count as missing")
    func ignoresExcludedEntries() throws {
        try Command.succeed(["rm", "-r", copy])
        stage(.earlier, excluded: ["bin/other"])
        #expect(stage(.later, excluded: ["bin/other"]).counts.skipped == 1)
        #expect(stage(.later).counts.skipped == 0)
        #expect(try difference(source, copy) == [])
    }

    @Test("a time in the future does not count as this boot")
    func distrustsFutureTimes() {
        let options = CopyOptions()
        let now = wallClock()
        #expect(options.bootTime < now)
        for (seconds, isTrusted) in [(0, true), (-86_400 * 3650, false), (86_400, false)] as [(Int64, Bool)] {
            let time = Timestamp(seconds: now.seconds + seconds, nanoseconds: now.nanoseconds)
            #expect(options.isFromThisBoot(changed: time) == isTrusted)
        }
    }
}
