import Glibc

/// A FUSE file system with a property that ordinary ones do not have, mounted as long as the value exists.
public final class OddMount {
    /// The mount point.
    public let path: ByteString
    private let scratch: Scratch
    private let server: RunningCommand?

    private init(_ scratch: Scratch, _ server: RunningCommand?) {
        self.scratch = scratch
        self.server = server
        path = scratch / "mount"
    }

    deinit { umount2(path.cString, Linux.detachMount) }

    /// A file system whose listings have wrong types and whose files have wrong sizes. Needs python3-fusepy.
    public static func lying() throws -> OddMount? {
        try mount("a FUSE file system of python3-fusepy") { scratch in
            try TreeBuilder.build(at: scratch / "script") { try $0.file("fs.py", .text(lyingFileSystem)) }
            return try Command(
                ["/usr/bin/python3", scratch / "script/fs.py", scratch / "mount"], timeout: .seconds(300)
            ).start()
        }
    }

    /// A file system in which `README` and `readme` are one name. Needs ntfs-3g.
    public static func foldingCase() throws -> OddMount? {
        try mount("lowntfs-3g") { scratch in
            let image = scratch / "image"
            try Command.succeed(["truncate", "-s", "16M", image])
            try Command.succeed(["/usr/sbin/mkfs.ntfs", "-qFf", image])
            try Command.succeed(["lowntfs-3g", "-o", "ignore_case,permissions", image, scratch / "mount"])
            return nil
        }
    }

    /// A file system that accepts modes and owners, and keeps its own. Needs bindfs.
    public static func forcingModes() throws -> OddMount? {
        try mount("bindfs") { scratch in
            let options: [ByteString] = ["--perms=0640:u+rwD:a+rD:a+xD", "--chmod-ignore", "--chown-ignore"]
            try TreeBuilder.build(at: scratch / "back") { _ in }
            try Command.succeed(["bindfs"] + options + [scratch / "back", scratch / "mount"])
            return nil
        }
    }

    /// On CI a missing file system is a failure, elsewhere it is reported, and the result is nil.
    private static func mount(
        _ name: String, _ start: (Scratch) throws -> RunningCommand?
    ) throws -> OddMount? {
        do {
            let scratch = try Scratch()
            try TreeBuilder.build(at: scratch / "mount") { _ in }
            let mount = OddMount(scratch, try start(scratch))
            for _ in 0..<100 {
                if try Command.run(["mountpoint", "-q", mount.path]).status == 0 { return mount }
                usleep(50_000)
            }
            throw TestError("\(name) is not mounted")
        } catch {
            if getenv("CI") != nil { throw error }
            report("skipped: \(name) is not available: \(error)")
            return nil
        }
    }

    /// Each entry is listed as another type. The files have these sizes and contents; `now` has the current time.
    private static let lyingFileSystem = """
        import errno, stat, sys, time, fusepy as fuse
        reference = b"/nix/store/00000000000000000000000000000001-p"
        data = {"/zero": b"0123456789" * 7, "/longer": b"0123456789" * 20, "/shorter": b"short", "/now": b"n" * 400000,
                "/largeshort": b"l" * 1000, "/largelong": b"0123456789" * 200000 + reference, "/directory/in": reference}
        size = {"/zero": 0, "/longer": 50, "/shorter": 4096, "/now": 400000, "/largeshort": 300000, "/largelong": 300000,
                "/directory/in": len(reference)}
        links = ["/link", "/directory/link"]
        kinds = {"/": {**{n[1:]: stat.S_IFREG for n in data if n.count("/") == 1}, "directory": stat.S_IFREG, "link": stat.S_IFDIR},
                 "/directory": {"in": stat.S_IFLNK, "link": stat.S_IFREG}}
        class Lying(fuse.Operations):
            def getattr(self, path, fh=None):
                times = dict(st_mtime=time.time() if path == "/now" else 1, st_atime=1, st_ctime=1)
                if path in kinds: return dict(st_mode=stat.S_IFDIR | 0o755, st_nlink=2, **times)
                if path in links: return dict(st_mode=stat.S_IFLNK | 0o777, st_nlink=1, st_size=6, **times)
                if path not in data: raise fuse.FuseOSError(errno.ENOENT)
                return dict(st_mode=stat.S_IFREG | 0o644, st_nlink=1, st_size=size[path], **times)
            def readdir(self, path, fh):
                return [(".", {}, 0), ("..", {}, 0)] + [(name, dict(st_mode=kind), 0) for name, kind in kinds[path].items()]
            def readlink(self, path): return "target"
            def read(self, path, count, offset, fh): return data[path][offset:offset + count]
        fuse.FUSE(Lying(), sys.argv[1], foreground=True, direct_io=True, attr_timeout=0, nothreads=True)
        """
}
