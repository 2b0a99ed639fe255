import SystemCalls
import TestSupport
import Testing

@Suite(.serialized) struct SubprocessTests {
    @Test func outputAndStatus() throws {
        let before = try DescriptorCount.now()
        let result = try Subprocess.run(["sh", "-c", "printf text; exit 7"])
        #expect(result.status == 7 && result.output == Array("text".utf8))
        #expect(try DescriptorCount.now() == before)
    }

    @Test("the standard error of a program is /dev/null where its messages are discarded")
    func discardsMessages() throws {
        let target = try Subprocess.run(["readlink", "/proc/self/fd/2"], .discarded)
        #expect(target.output == Array("/dev/null\n".utf8))
    }

    @Test("a program that leaves another one with its standard error is not waited for any longer")
    func leavesBackgroundProgram() throws {
        let begin = monotonicNanoseconds()
        let result = try Subprocess.run(["sh", "-c", "sleep 5 >/dev/null & echo text"])
        #expect(result.output == Array("text\n".utf8))
        #expect(monotonicNanoseconds() - begin < 4_000_000_000)
    }

    @Test func moreThanAPipeHolds() throws {
        #expect(try Subprocess.run(["head", "-c", "1000000", "/dev/zero"]).output.count == 1_000_000)
    }

    @Test func signalsCountAsInAShell() throws {
        #expect(try Subprocess.run(["sh", "-c", "kill -9 $$"]).status == 137)
    }

    @Test func aProgramThatIsNotThere() throws {
        let before = try DescriptorCount.now()
        #expect(throws: Errno.notFound) { try Subprocess.run(["there-is-no-such-program"]) }
        #expect(throws: Errno.invalid) { try Subprocess.run([]) }
        #expect(try DescriptorCount.now() == before)
    }

    @Test(arguments: [Errno.tooManyOpen, .inputOutput]) func failuresLeakNothing(_ errno: Errno) throws {
        let before = try DescriptorCount.now()
        for failing in [SystemCall.spawn, .read, .close] {
            _ = Faults.during({ _, call in call == failing ? errno : nil }) {
                #expect(throws: errno) { try Subprocess.run(["true"]) }
            }
        }
        #expect(try DescriptorCount.now() == before)
    }
}
