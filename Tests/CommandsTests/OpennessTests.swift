import SystemCalls
import TestSupport
import Testing

/// There is no moment in which a copy is more open than its source, as the kernel saw it.
@Suite struct OpennessTests {
    /// Names and modes; what belongs to another than root is not to be open to its group before it is theirs.
    private static let modes: [String: UInt32] = [
        "secret": 0o600, "mine": 0o640, "theirs": 0o640, "setid": 0o4755, "private": 0o700, "shared": 0o2770,
        "closed": 0o500, "inner": 0o604, "pipe": 0o620,
    ]
    private static let others: Set<String> = ["theirs", "shared"]
    private let scratch: Scratch

    init() throws {
        scratch = try Scratch()
        try TreeBuilder.build(at: scratch / "source") { tree in
            try tree.file("private/secret", .text("s"), Attributes(mode: 0o600))
            try tree.file("private/mine", .pattern(size: 300_000), Attributes(mode: 0o640))
            try tree.file("shared/theirs", .text("t"), Attributes(mode: 0o640, owner: 42, group: 43))
            try tree.file("shared/setid", .text("s"), Attributes(mode: 0o4755))
            try tree.file("closed/inner", .text("i"), Attributes(mode: 0o604, extended: ["user.a": [1]]))
            try tree.fifo("closed/pipe", Attributes(mode: 0o620))
            try tree.directory("private", Attributes(mode: 0o700))
            try tree.directory("shared", Attributes(mode: 0o2770, owner: 42, group: 43))
            try tree.directory("closed", Attributes(mode: 0o500))
        }
    }

    @Test(
        arguments: ["-a", "-Rp", "-R", "-R --preserve=mode", "-av", "-ab", "-a --remove-destination"],
        ["000", "022", "077"])
    func neverMoreOpen(_ options: String, _ mask: String) throws {
        let script = """
            umask \(mask); for name in cp repot; do
              strace -ff -y -qq -o $name.trace -e trace=openat,mkdirat,mknodat,fchmod,fchmodat \\
                bash -c 'exec -a '$name' "$@"' bash "$1" \(options) source copy-$name
              cat $name.trace.*
            done
            """
        let result = try Command(["/bin/bash", "-c", ByteString(script), "bash", Repot.path], directory: scratch.path)
            .run()
        #expect(result.status == 0 && result.errorText == "")
        let made = result.outputText.split(separator: "\n").compactMap { Making(String($0)) }
        #expect(made.count >= 2 * Self.modes.count)
        for making in made {
            guard let source = Self.modes[making.name] else { continue }
            let isForeign = making.creates && Self.others.contains(making.name) && options.hasPrefix("-a")
            let allowed = isForeign ? 0 : source & 0o077
            #expect(making.mode & 0o077 & ~allowed == 0, "\(making)")
            if making.creates { #expect(making.mode & 0o6000 & ~source == 0, "\(making)") }
        }
    }

    /// A FIFO stalls the copy inside the directory. The temporary name of a new root begins with a dot.
    @Test(
        "a directory that is filled withholds write permission, and with owners every permission, from others",
        arguments: ["cp", "repot"], ["mode", "ownership", "mode,ownership"])
    func withholdsPermissions(_ name: String, _ attributes: String) throws {
        let script = """
            umask 002; mkdir s out; mkdir s/sub; mkfifo s/fifo s/sub/fifo; chmod g+s out; chmod 775 s s/sub
            options=; [[ $0 == cp ]] || options="cp --no-preserve=all"
            (exec -a $0 "$1" $options -R --preserve=$2 --copy-contents s out) & copy=$!
            for fifo in s/fifo s/sub/fifo; do (find out -mindepth 1 -type d -printf '%m\n') >$fifo; done
            wait $copy; cat out/s/fifo out/s/sub/fifo; echo; find out -mindepth 1 -type d -printf '%m\n'
            """
        let result = try Command(
            ["/bin/bash", "-c", ByteString(script), ByteString(name), Repot.path, ByteString(attributes)],
            directory: scratch.path
        ).run()
        let halves = result.outputText.split(separator: "\n\n").map { $0.split(separator: "\n") }
        let withheld: UInt32 = attributes == "mode" ? 0o022 : 0o077
        #expect(halves.count == 2 && halves[0].count >= 2, "\(result.errorText)")
        for mode in halves.first ?? [] {
            let bits = try #require(UInt32(mode, radix: 8))
            #expect(bits & withheld == 0, "\(mode)")
        }
        let final = attributes == "ownership" ? "2775" : "775"
        #expect(halves.last?.allSatisfy { $0 == final } == true, "\(result.outputText)")
    }

    /// A call that gives a mode to a name.
    private struct Making {
        let name: String
        let mode: UInt32
        let creates: Bool

        /// nil for other calls, and for those that failed.
        init?(_ line: String) {
            guard line.contains(") = "), !line.contains("= -1") else { return nil }
            let calls = ["openat(", "mkdirat(", "mknodat(", "fchmod(", "fchmodat("]
            guard let call = calls.first(where: line.contains), let start = line.firstRange(of: call)?.upperBound,
                call != "openat(" || line.contains("O_CREAT"), let end = line.firstRange(of: ") = ")?.lowerBound
            else { return nil }
            creates = !call.hasPrefix("fchmod")
            let words = line[start..<end].split(separator: ", ")
            let modes = words.compactMap { word -> UInt32? in
                let digits = word.split(separator: "|").last ?? ""
                return digits.first == "0" ? UInt32(digits, radix: 8) : nil
            }
            guard let mode = modes.first else { return nil }
            self.mode = mode
            let place = call == "fchmod(" ? words[0].dropLast() : words[1].dropLast().dropFirst()
            name = String(place.split(separator: "/").last ?? "")
        }
    }
}
