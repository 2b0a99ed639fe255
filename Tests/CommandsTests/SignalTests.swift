import Glibc
import SystemCalls
import TestSupport
import Testing

/// Signals to a process that waits.
@Suite(.serialized) struct SignalTests {
    private let scratch: Scratch

    init() throws {
        scratch = try Scratch()
        try Command.succeed(["mkfifo", scratch / "fifo"])
        try Command.succeed(["mkdir", scratch / "to", scratch / "tree"])
        try Command.succeed(["mkfifo", scratch / "tree/fifo"])
        try Command.succeed(["bash", "-c", "echo one > $0/one; echo two > $0/to/two", scratch.path])
    }

    private func run(_ script: ByteString, _ signal: Int32) throws -> (CommandResult, Duration) {
        let running = try Command(
            ["bash", "-c", script, Repot.path], directory: scratch.path, timeout: .seconds(20)
        ).start()
        usleep(400_000)
        let sent = ContinuousClock.now
        try running.send(signal)
        let result = try running.finish()
        return (result, sent.duration(to: .now))
    }

    @Test(
        "one signal ends a run that waits within two seconds, and nothing stays",
        arguments: [SIGINT, SIGTERM, SIGHUP],
        [
            "exec $0 cp fifo to/out", "exec 9<>fifo; exec $0 cp fifo to/out", "exec $0 -R --copy-contents tree to/out",
            "exec $0 -j1 -R --copy-contents tree to/out", "exec $0 stage --closure fifo to/out",
            "exec 9<>fifo; exec $0 -i one to/two <fifo",
        ])
    func oneSignalEndsAWait(signal: Int32, script: String) throws {
        let (result, took) = try run(ByteString(script), signal)
        #expect(
            result.ending == .exited(128 + signal) || result.ending == .signalled(signal), "\(result.ending) \(script)")
        #expect(took < .seconds(2), "\(took)")
        #expect(try Command.run(["ls", "-A", scratch / "to"]).outputText == "two\n")
    }

    @Test("one signal ends a run that may not start threads", arguments: [SIGINT, SIGTERM, SIGHUP])
    func oneSignalEndsASingleThread(signal: Int32) throws {
        guard ProcessState.effectiveOwner.user == 0 else { return }
        let program = try Repot.pathForEverybody()
        try Command.succeed(["chmod", "-R", "a+rwX", scratch.path])
        let script = ByteString(
            "exec setpriv --reuid 20011 --regid 20011 --clear-groups prlimit --nproc=1 ")
        let (result, took) = try run(script + program + " -R --copy-contents tree to/out", signal)
        #expect(result.ending == .exited(128 + signal), "\(result.errorText)")
        #expect(took < .seconds(2), "\(took)")
        #expect(try Command.run(["ls", "-A", scratch / "to"]).outputText == "two\n")
    }

    @Test("an ignored signal stays ignored")
    func ignoredSignalsStayIgnored() throws {
        let (result, _) = try run("trap '' HUP; (sleep 1; echo late >fifo) & exec $0 cp fifo to/out", SIGHUP)
        #expect(result.ending == .exited(0), "\(result.errorText)")
        #expect(try Command.run(["cat", scratch / "to/out"]).outputText == "late\n")
    }

    @Test("no signal is blocked in a program that repot starts")
    func childrenHaveTheirSignals() throws {
        let script: ByteString = """
            printf '#!/bin/sh\\ngrep SigBlk /proc/self/status >&2; exit 1\\n' >docker; chmod +x docker
            mkdir -p nix/store/00000000000000000000000000000001-p; touch -d @1 nix/store/*
            echo /nix/store/00000000000000000000000000000001-p >list
            PATH=$PWD:$PATH exec $0 image --store-root . --closure list -o docker-daemon:x:y
            """
        let result = try Command.run(["bash", "-c", script, Repot.path], directory: scratch.path)
        #expect(result.errorText.contains("SigBlk: 0000000000000000"), "\(result.errorText)")
    }
}
