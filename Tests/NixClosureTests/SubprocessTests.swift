import SystemCalls
import TestSupport
import Testing

@Suite struct SubprocessTests {
    @Test func argumentsAreBytes() throws {
        let odd = Path([0xff, 0x20, 0x0a, 0xc3])
        let result = try Subprocess.run(["printf", "%s", odd])
        #expect(result.output == odd.bytes)
        #expect(result.status == 0)
    }

    @Test func moreThanAPipeHolds() throws {
        #expect(try Subprocess.run(["head", "-c", "300000", "/dev/zero"]).output.count == 300_000)
    }

    @Test(arguments: [("exit 3", 3), ("kill -9 $$", 137)] as [(Path, Int32)])
    func endings(_ script: Path, _ status: Int32) throws {
        #expect(try Subprocess.run(["sh", "-c", script]).status == status)
    }

    @Test func missingProgram() {
        #expect(throws: Errno.notFound) { try Subprocess.run(["repot-has-no-such-program"]) }
    }

    /// repot ignores SIGPIPE; a pipeline in a program that it starts must not.
    @Test func brokenPipesEndTheProgram() throws {
        Console.ignoreBrokenPipes()
        #expect(try Subprocess.run(["sh", "-c", "kill -PIPE $$; echo alive"]).status == 128 + 13)
    }
}
