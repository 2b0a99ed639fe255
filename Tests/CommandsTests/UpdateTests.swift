import TestSupport
import Testing

/// The comparisons and hard links of `-u`, compared with GNU cp.
@Suite struct UpdateTests {
    private let scratch: Scratch
    private let copy: ByteString

    init() throws {
        scratch = try Scratch()
        copy = try Repot.asCopy(in: scratch / "bin")
        try TreeBuilder.build(at: scratch / "tree") { _ in }
    }

    private func shell(_ script: String) throws -> CommandResult {
        try Command(
            ["/bin/bash", "-c", ByteString(script), "bash", copy, Repot.path], directory: scratch / "tree"
        ).run()
    }

    /// The names of one file: missing, a link already, older and newer files of their own at the destination.
    @Test(
        "with -u, names of one file become hard links at the destination where GNU cp makes them so",
        arguments: ["-au", "-Ru", "-u", "-auv", "-Ru --preserve=links", "-au --no-preserve=links", "-aun", "-auL"])
    func rebuildsHardLinks(_ options: String) throws {
        let script = """
            mkdir s; echo new >s/f; for i in missing link older newer; do ln s/f s/$i; done
            for cp in /bin/cp "$1"; do for first in f missing; do
              rm -rf d; mkdir d; echo kept >d/$first; ln d/$first d/link
              echo older >d/older; touch -d '-1 hour' d/older; echo newer >d/newer; touch -d '+1 hour' d/newer
              "$cp" \(options) s/* d 2>&1 | sort; stat -c '%n %h' d/*
            done | sed "s|$cp|cp|"; echo "--"; done
            """
        let halves = try shell(script).outputText.split(separator: "--\n")
        #expect(halves.count == 2 && halves.first == halves.last, "\(halves.joined(separator: "against\n"))")
    }

    @Test("repot cp -u rebuilds hard links where links are preserved, and only there")
    func rebuildsPreservedHardLinks() throws {
        let script = """
            mkdir s; echo 1 >s/a; ln s/a s/b
            for o in -Ru '-Ru --no-preserve=links'; do
              rm -rf d; mkdir d; cp -p s/a d/a; cp -p s/b d/b; "$2" cp $o s/. d; stat -c %h d/a
            done
            """
        #expect(try shell(script).outputText == "2\n1\n")
    }

    /// The resolution is one second on ext4 with inodes of 128 bytes.
    @Test("cp -u compares times at the resolution of the destination, as GNU cp does", arguments: ["-u", "-pu"])
    func comparesAtTheResolution(_ options: String) throws {
        guard try FileSystemMatrix.require(.ext4) != nil else { return }
        let script = """
            truncate -s 16M image; /usr/sbin/mkfs.ext4 -qF -I 128 image >/dev/null 2>&1; mkdir m; mount -o loop image m
            trap 'umount m' EXIT
            for cp in /bin/cp "$1"; do
              for old in 00 01 02; do for new in 00.000000001 00.7 01 01.7 02 02.2 03 04.1; do
                echo old >m/f; touch -d "2024-05-05 10:00:$old" m/f; echo new >f; touch -d "2024-05-05 10:00:$new" f
                "$cp" \(options) f m/f; echo "$old $new $(cat m/f)"
              done; done; ls -A m; echo "--"
            done
            """
        let halves = try shell(script).outputText.split(separator: "--\n")
        #expect(halves.count == 2 && halves.first == halves.last, "\(halves.joined(separator: "against\n"))")
    }

    @Test("cp -u of a file system with nanoseconds creates no file to measure the resolution")
    func measuresOnlyCoarseResolutions() throws {
        let script = """
            echo new >f; echo old >g; touch -d '2024-05-05 10:00:00.7' f; touch -d '2024-05-05 10:00:00' g
            strace -f -e trace=openat,utimensat "$1" -pu f g 2>&1 | grep -c '\\.repot-'; cat g
            """
        #expect(try shell(script).outputText == "0\nnew\n")
    }
}
