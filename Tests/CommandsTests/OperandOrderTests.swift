import SystemCalls
import TestSupport
import Testing

/// Operands that have to do with each other: with two workers too, each finds what the one before has left, as with
/// GNU cp. A large operand in front keeps one worker busy, while the other one would begin at the end.
@Suite struct OperandOrderTests {
    struct Example: Sendable, CustomTestStringConvertible {
        let testDescription: String
        /// Makes sources and destinations in an empty folder.
        let making: String
        /// What cp is called with.
        let call: String

        init(_ description: String, making: String, call: String) {
            testDescription = description
            self.making = making
            self.call = call
        }
    }

    private static let big = "head -c 8M /dev/zero | tr '\\0' b >big; mkdir d; echo short >l; echo f >f; echo g >g; "

    static let examples = [
        Example(
            "a symlink at the destination leads to what another operand makes",
            making: "ln -s big d/l", call: "big l d"),
        Example(
            "a symlink at the destination leads to nothing yet",
            making: "ln -s f d/l", call: "big l f d"),
        Example(
            "a source is what a folder brings",
            making: "mkdir sub d/sub; echo new >sub/f; echo old >d/sub/f", call: "-r big sub d/sub/f d"),
        Example(
            "a source appears with a folder",
            making: "mkdir sub; echo new >sub/f", call: "-r big sub d/sub/f d"),
        Example(
            "a source leads to what an operand overwrites",
            making: "echo o >d/f; ln -s d/f link", call: "big f link d"),
        Example(
            "a source leads to what an operand makes", making: "ln -s d/f link", call: "big f link d"),
        Example(
            "destinations are names of one file",
            making: "echo o >d/f; ln d/f d/g; chmod 600 d/f", call: "--preserve=links big f g d"),
        Example(
            "sources are names of one file",
            making: "ln -f f g; echo o >d/f; echo o >d/g; chmod 600 d/f; chmod 640 d/g",
            call: "--preserve=links big f g d"),
        Example(
            "folders hold names of one file, and their copies take the group from where they are",
            making: "mkdir A B d/A d/B; echo x >A/f; ln A/f B/f; chgrp 100 d/A; chmod g+s d/A",
            call: "-R --preserve=links big A B d"),
        Example(
            "an operand has the name of another one's backup",
            making: "echo b >f.~1~; echo o >d/f", call: "--backup=numbered big f f.~1~ d"),
    ]

    private let scratch: Scratch
    private let copy: ByteString

    init() throws {
        scratch = try FileSystemMatrix.require(.tmpfs)?.scratch() ?? Scratch()
        copy = try Repot.asCopy(in: scratch / "bin")
    }

    /// What a cp leaves behind, and its status.
    private func outcome(_ example: Example, _ program: String, in folder: String) throws -> String {
        let script = """
            mkdir "$2"; cd "$2"; umask 022; \(Self.big)\(example.making); $1 \(example.call) 2>/dev/null; echo $?
            find . -type f -printf '%p %m %g %n %s ' -exec sh -c 'md5sum <"$1"' sh {} \\; | sort
            find . -type l -printf '%p %l\\n' | sort
            """
        let command = Command(
            ["/bin/bash", "-c", ByteString(script), "bash", ByteString(program), ByteString(folder)],
            directory: scratch.path)
        return try command.run().outputText
    }

    @Test(arguments: examples) func theNextFindsWhatTheFirstHasLeft(_ example: Example) throws {
        let expected = try outcome(example, "/bin/cp", in: "gnu")
        for round in 1...8 {
            #expect(try outcome(example, copy.description, in: "own\(round)") == expected)
        }
    }

    /// repot's own cp keeps more by itself.
    @Test(arguments: examples) func aWorkerMoreMakesNoDifference(_ example: Example) throws {
        let program = "\(Repot.path) cp --no-preserve=mode,ownership"
        let expected = try outcome(example, "\(program) -j 1", in: "one")
        for round in 1...8 {
            #expect(try outcome(example, "\(program) -j 2", in: "two\(round)") == expected)
        }
    }

    /// Inside folders it is left open which operand wins, but the file is one of the two, in content and mode.
    @Test(arguments: [
        "mkdir -p s/x s/y d/s/x; mv big s/y; mv l s/x; ln -s ../y/big d/s/x/l; files='d/s/y/big s/x/l s/y/big'; cp=s",
        "mkdir -p a/s/x b/s/x b/s/y; mv big b/s/y; mv l b/s/x; ln -s ../y/big a/s/x/l; files='d/s/y/big b/s/x/l b/s/y/big'; cp='a/s b/s'",
    ])
    func aFileInsideIsOneOrTheOther(_ making: String) throws {
        let example = Example(
            "", making: making + "; chmod 600 $(find . -name big)",
            call: "-rp $cp d; for i in $files; do md5sum <$i; stat -c %a $i; done; :")
        for round in 1...8 {
            let lines = try outcome(example, copy.description, in: "own\(round)").split(separator: "\n")
            try #require(lines.count > 6)
            #expect(lines[0..<2] == lines[2..<4] || lines[0..<2] == lines[4..<6])
        }
    }
}
