import SystemCalls
import TestSupport
import Testing

/// The script that makes layers and unpacks images.
enum LayerScript {
    static let path = ByteString(Path(#filePath).parent.parent.appending("Fixtures/layers.py").bytes)
}

/// Images on bases of other tools, unpacked as the specification says.
@Suite struct BaseImageTests {
    private let scratch: Scratch
    private static let app = "/nix/store/00000000000000000000000000000001-app"

    init() throws {
        scratch = try Scratch()
        try TreeBuilder.build(at: scratch.path) { tree in
            let app = ByteString("s\(Self.app)")
            try tree.file(app / "bin/app", .text("app"))
            try tree.file(app / "share/doc/app/readme", .text("doc"))
            try tree.file(app / "etc/app.conf", .text("conf"))
            try tree.file("list", .text("\(Self.app)\n"))
        }
    }

    /// One case: the layers of a base, options, and the lines that the image adds (+) and removes (-).
    struct Case: CustomTestStringConvertible, Sendable {
        let name: String
        let base: String
        let options: [String]
        var difference: [String] = []
        var error = ""
        var testDescription: String { name }
    }

    /// The directories that repot adds if the base does not have them.
    private static let store = ["+d 755 0:0 1 nix", "+d 755 0:0 1 nix/store"]
    private static let debian = """
        d 755 0:0 50 usr
        d 755 0:0 50 usr/bin
        f 755 0:0 50 usr/bin/sh shell
        d 755 0:0 50 usr/lib64
        l 777 0:0 50 bin usr/bin
        l 777 0:0 50 lib64 usr/lib64
        d 755 0:0 50 run
        d 755 0:0 50 var
        l 777 0:0 50 var/run /run
        d 755 0:0 50 etc
        f 644 0:0 50 etc/passwd users
        d 700 0:0 50 root
        d 1777 0:0 50 tmp
        """

    private static func link(_ location: String, _ target: String = "\(app)/bin/app") -> String {
        "+l 777 0:0 1 \(location) \(target)"
    }

    static let followed: [Case] = [
        Case(
            name: "a symlink to a directory on the way is followed", base: debian,
            options: ["--symlink", "/bin/app=\(app)/bin/app"], difference: store + [link("usr/bin/app")]),
        Case(
            name: "an absolute symlink below the root is followed", base: debian,
            options: ["--symlink", "/var/run/app/x=\(app)/bin/app"],
            difference: store + ["+d 755 0:0 1 run/app", link("run/app/x")]),
        Case(
            name: "a chain of symlinks with .. is followed",
            base: "d 711 7:8 50 a\nd 710 7:8 50 a/b\nl 777 0:0 50 a/b/one ../two\nl 777 0:0 50 a/two /a/b",
            options: ["--symlink", "/a/b/one/x=\(app)/bin/app"], difference: store + [link("a/b/x")]),
        Case(
            name: "directories with modes, owners and attributes of their own keep them",
            base: "d 1777 0:0 50 srv SCHILY.xattr.user.note=kept\nd 700 1:2 50.5 root\nd 755 0:0 50 root/x",
            options: ["--symlink", "/srv/app=\(app)/bin/app", "--symlink", "/root/x/app=\(app)/bin/app"],
            difference: store + [link("srv/app"), link("root/x/app")]),
        Case(
            name: "the directories of the store keep their owners and modes",
            base: "d 1775 1000:1000 50 nix\nd 1777 1000:1000 50 nix/store", options: [], difference: []),
        Case(
            name: "a symlink leads to the store",
            base: "d 755 3:4 50 data\nd 750 1000:0 50 data/nix\nl 777 0:0 50 nix data/nix",
            options: [], difference: ["+d 755 0:0 1 data/nix/store"]),
        Case(
            name: "a symlink leads to the store, and a layer has entries beside it",
            base: "d 755 3:4 50 data\nd 750 1000:0 50 data/nix\nl 777 0:0 50 nix data/nix",
            options: ["--symlink", "/nix/var/x=\(app)/bin/app"],
            difference: ["+d 755 0:0 1 data/nix/store", "+d 755 0:0 1 data/nix/var", link("data/nix/var/x")]),
        Case(
            name: "an addition with the path of a symlink or a file of the base replaces it",
            base: "\(debian)\nl 777 0:0 50 app /opt\nd 755 0:0 50 opt",
            options: ["--symlink", "/app=\(app)", "--symlink", "/usr/bin/sh=\(app)/bin/app"],
            difference: store + [
                "-l 777 0:0 50 app /opt", link("app", app), "-f 755 0:0 50 usr/bin/sh shell", link("usr/bin/sh"),
            ]),
        Case(
            name: "a profile is merged into the directories of the base",
            base: "\(debian)\nd 755 0:0 50 share\nd 755 5:5 50 share/doc", options: ["--profile", app],
            difference: store + [
                link("etc/app.conf", "\(app)/etc/app.conf"), link("share/doc/app", "\(app)/share/doc/app"),
                link("usr/bin/app"),
            ]),
        Case(
            name: "the skeleton yields to the base", base: debian, options: ["--skeleton"],
            difference: store + [
                "+f 644 0:0 1 etc/group root:x:0:|nobody:x:65534:|nogroup:x:65534:|",
                "+f 644 0:0 1 etc/hosts 127.0.0.1\tlocalhost|::1\tlocalhost ip6-localhost ip6-loopback|",
                "+f 644 0:0 1 etc/nsswitch.conf passwd: files|group: files|shadow: files|hosts: files dns|",
                "+d 1777 0:0 1 var/tmp",
            ]),
        Case(
            name: "upper layers count: a symlink was removed, and a directory replaced",
            base: """
                d 755 0:0 50 a
                l 777 0:0 50 bin a
                d 755 0:0 50 lib

                f 644 0:0 50 .wh.bin
                l 777 0:0 50 lib a

                d 711 6:6 50 a
                """,
            options: ["--symlink", "/bin/app=\(app)/bin/app", "--symlink", "/lib/app=\(app)/bin/app"],
            difference: store + ["+d 755 0:0 1 bin", link("bin/app"), link("a/app")]),
        Case(
            name: "a directory that the base only implies has the metadata of an unpacker",
            base: "f 644 0:0 50 srv/x y",
            options: ["--symlink", "/srv/app=\(app)/bin/app"],
            difference: store + [link("srv/app")]),
        Case(
            name: "two paths lead to one location and agree", base: debian,
            options: ["--symlink", "/bin/app=\(app)/bin/app", "--symlink", "/usr/bin/app=\(app)/bin/app"],
            difference: store + [link("usr/bin/app")]),
    ]

    static let refused: [Case] = [
        Case(
            name: "a symlink that leads nowhere", base: "l 777 0:0 50 bin usr/bin",
            options: ["--symlink", "/bin/app=\(app)"],
            error:
                "the base has '/bin' as a symlink to 'usr/bin', which leads to no directory; --symlink /bin/app needs a "
                + "directory there; use '/usr/bin/app'"),
        Case(
            name: "a loop of symlinks", base: "l 777 0:0 50 a b\nl 777 0:0 50 b a",
            options: ["--symlink", "/a/x=\(app)"],
            error: "the base has '/a' as a symlink to 'b', which leads back to itself"),
        Case(
            name: "a symlink out of the root",
            base: "l 777 0:0 50 bin ../usr/bin\nd 755 0:0 50 usr\nd 755 0:0 50 usr/bin",
            options: ["--symlink", "/bin/app=\(app)"],
            error:
                "which leads out of the root file system; --symlink /bin/app needs a directory there; "
                + "use '/usr/bin/app'"),
        Case(
            name: "a file on the way", base: "d 755 0:0 50 etc\nf 644 0:0 50 etc/app x",
            options: ["--symlink", "/etc/app/x=\(app)"], error: "the base has '/etc/app' as a file"),
        Case(
            name: "a symlink with the path of a directory", base: debian, options: ["--symlink", "/root=\(app)"],
            error: "the base has the directory '/root', which --symlink /root would replace"),
        Case(
            name: "a file of a profile with the path of a directory", base: "d 755 0:0 50 bin\nd 755 0:0 50 bin/app",
            options: ["--profile", app], error: "the base has the directory '/bin/app', which --profile"),
        Case(
            name: "an addition in the store of the base",
            base: "d 755 0:0 50 nix\nd 755 0:0 50 nix/store\nl 777 0:0 50 app /nix/store/x",
            options: ["--symlink", "/app/x=\(app)"],
            error: "the base has '/app' as a symlink to '/nix/store/x', which leads into the store"),
        Case(
            name: "a store whose symlink leads nowhere", base: "l 777 0:0 50 nix data/nix", options: [],
            error: "has '/nix' as a symlink to 'data/nix', which leads to no directory"),
        Case(
            name: "a store that is a file", base: "f 644 0:0 50 nix x", options: [],
            error: "has '/nix' as a file"),
        Case(
            name: "two paths that lead to one location and differ", base: debian,
            options: ["--symlink", "/bin/app=\(app)", "--symlink", "/usr/bin/app=\(app)/bin/app"],
            error: "--symlink /bin/app and --symlink /usr/bin/app both lead to '/usr/bin/app' in the base"),
    ]

    private func image(_ test: Case, to output: String) throws -> CommandResult {
        try TreeBuilder.build(at: scratch.path) { try $0.file("base.txt", .text(test.base)) }
        try Command.succeed([
            "sh", "-c", "python3 \"$1\" save \"$2/base.tar\" <\"$2/base.txt\"", "sh", LayerScript.path, scratch.path,
        ])
        let options = test.options.map { option in
            ByteString(option.replacing(Self.app, with: "\(scratch.path)/s\(Self.app)"))
        }
        return try Repot.run(
            [
                "image", "-q", "--no-cache", "--arch", "amd64", "--store-root", scratch / "s", "--closure",
                scratch / "list",
                "--base", "docker-archive:" + (scratch / "base.tar"), "-o", ByteString("oci:\(output)"),
            ] + options, directory: scratch.path)
    }

    @Test("nothing of the base disappears or changes, and additions are where its symlinks lead", arguments: followed)
    func additionsFollowTheBase(_ test: Case) throws {
        let result = try image(test, to: "out")
        #expect(result.status == 0, "\(result.errorText)")
        let lines = try Command.succeed(["python3", LayerScript.path, "diff", scratch / "base.tar", scratch / "out"])
        #expect(lines.outputText.split(separator: "\n").map(String.init) == test.difference.sorted())
    }

    @Test("a conflict with the base is reported before anything is written", arguments: refused)
    func conflictsAreReported(_ test: Case) throws {
        let result = try image(test, to: "out")
        #expect(result.status == 1 && result.errorText.contains(test.error), "\(result.errorText)")
        #expect(try Command.succeed(["ls", scratch.path]).outputText == "base.tar\nbase.txt\nlist\ns\n")
    }
}
