import TestSupport
import Testing

/// Rules of GNU cp after 9.1 that the matrix does not reach, and messages in several locales.
@Suite struct NewerVersionsTests {
    private let scratch: Scratch
    private let copy: ByteString

    init() throws {
        scratch = try Scratch()
        copy = try Repot.asCopy(in: scratch / "bin")
        try TreeBuilder.build(at: scratch / "tree") { tree in
            try tree.file("source", .text("new\n"))
            try tree.file("copy", .text("old\n"))
        }
    }

    private func shell(_ script: String) throws -> CommandResult {
        try Command(
            ["/bin/bash", "-c", ByteString(script), "bash", copy, Repot.path], directory: scratch / "tree"
        ).run()
    }

    @Test("cp --reflink=always leaves no empty file where extents cannot be shared")
    func leavesNoEmptyFile() throws {
        guard let system = try FileSystemMatrix.require(.tmpfs) else { return }
        let place = try system.scratch()
        let result = try shell(
            """
            echo x >\(place.path)/f; "$1" --reflink=always \(place.path)/f \(place.path)/new; echo $?; ls \(place.path)
            """)
        #expect(result.outputText == "1\nf\n" && result.errorText.contains("failed to clone"))
    }

    @Test("cp --reflink=always --sparse=never is refused, and --sparse=never alone shares no extents")
    func sharesNoExtentsWithoutHoles() throws {
        guard let system = try FileSystemMatrix.require(.btrfs) else { return }
        let scratch = try system.scratch()
        let place = scratch.path
        let script = """
            head -c 1M /dev/urandom >\(place)/f
            for o in auto always never; do "$1" --debug --sparse=$o \(place)/f \(place)/$o | grep -o 'reflink: [a-z]*'; done
            "$1" --reflink=always --sparse=never \(place)/f \(place)/n; echo $?
            """
        #expect(try shell(script).outputText == "reflink: yes\nreflink: yes\nreflink: no\n1\n")
    }

    @Test("a declined prompt leads to exit status 1, and a skipped file does not", arguments: ["cp", "repot"])
    func declines(_ name: String) throws {
        let script = """
            cp=("$1"); [[ \(name) == cp ]] || cp=("$2" cp)
            "${cp[@]}" -i source copy <<<n; echo $?; "${cp[@]}" -n source copy; echo $?; cat copy
            "${cp[@]}" --update=none-fail source copy; echo $?
            """
        #expect(try shell(script).outputText == "1\n0\nold\n1\n")
    }

    @Test("repot cp --keep-directory-symlink copies through a symlink to a directory, also where it lies deep")
    func keepsDirectorySymlinks() throws {
        let script = """
            mkdir -p s/a/b place/b d/a; echo 1 >s/a/b/f; ln -s ../../place/b d/a/b
            "$2" -RT s d; echo $?; "$2" -RT --keep-directory-symlink s d; echo $?; cat place/b/f; stat -c %F d/a/b
            """
        let result = try shell(script)
        #expect(result.outputText == "1\n0\n1\nsymbolic link\n", "\(result.errorText)")
    }

    @Test("--path is the old name of --parents")
    func acceptsPath() throws {
        #expect(try shell("mkdir -p a d; touch a/f; \"$1\" --path a/f d; ls d").outputText == "a\n")
    }

    @Test("quotes in messages of cp follow the locale, as those of GNU cp", arguments: ["C", "C.UTF-8"])
    func quotesFollowTheLocale(_ locale: String) throws {
        guard let command = GNUCopy.newest()?.command else { return }
        let script = """
            export LC_ALL=\(locale); touch $'n\\303\\266' $'b\\377x' "a'\u{f6}"
            for cp in "\(command)" "exec -a cp $1"; do
              run() { (eval "$cp \\"\\$@\\"") 2>&1; }
              run -v $'n\\303\\266' new; run -v $'b\\377x' $'n\\303\\266'; run -v "a'\u{f6}" "it's"
              run --sparse=bad a b; run --backup=bad a b; run $'\\303\\266/\\1' x; echo "--"
            done
            """
        let halves = try shell(script).outputText.split(separator: "--\n")
        #expect(halves.count == 2 && halves.first == halves.last, "\(halves.joined(separator: "against\n"))")
        #expect(halves.first?.contains(locale == "C" ? "'bad'" : "\u{2018}bad\u{2019}") == true)
    }

    @Test("a full standard output is reported with the reason")
    func reportsFullOutput() throws {
        let result = try shell("\"$1\" -v source copy >/dev/full; echo $?; cat copy")
        #expect(result.outputText == "1\nnew\n" && result.errorText == "cp: write error: No space left on device\n")
    }

    @Test("a directory that may be written to and not listed receives files without a warning")
    func writesWithoutListing() throws {
        let script = """
            mkdir box; chmod 333 box; mkdir s; echo 1 >s/f; install -m 755 "$2" repot; chmod 755 .. .
            setpriv --reuid 65534 --clear-groups ./repot -R s box; echo $?; cat box/s/f
            """
        let result = try shell(script)
        #expect(result.outputText == "0\n1\n" && result.errorText == "")
    }
}
