"""lying.py MOUNT [BACKING]: a FUSE file system that does not keep the usual rules.

Without BACKING it has read-only files whose names say what is wrong with them. With BACKING it passes everything through
to that directory, and refuses to rename directories and to remove open files.
"""
import errno
import os
import stat
import sys
import time

import fusepy

CONTENT = b"0123456789" * 20
BIG = 1 << 54


class Liar(fusepy.Operations):
    # How often the size that moves was reported.
    moves = 0
    # Sizes as stat(2) reports them; the content is always the same 200 bytes.
    sizes = {"size-0": 0, "size-50": 50, "size-4096": 4096, "time-now": 200, "size-moves": 200, "blocks": 200, "attribute": 200,
             "type-directory": 200, "type-fifo": 200, "type-link": 200, "size-huge-1": (1 << 63) - 4096, "size-huge-2": (1 << 63) - 4096}
    listed = {"type-directory": stat.S_IFDIR, "type-fifo": stat.S_IFIFO, "type-link": stat.S_IFLNK, "directory-as-file": stat.S_IFREG,
              "link-as-file": stat.S_IFREG}

    def groups(self):
        """One directory for each group of names, so that each can be copied alone."""
        return {"/sizes": ["size-0", "size-50", "size-4096"], "/time": ["time-now", "size-moves"], "/blocks": ["blocks"],
                "/attributes": ["attribute"], "/types": list(self.listed),
                "/huge": ["size-huge-1", "size-huge-2"], "/types/directory-as-file": []}

    def getattr(self, path, fh=None):
        if path == "/" or path in self.groups():
            return dict(st_mode=stat.S_IFDIR | 0o755, st_nlink=2, st_mtime=1, st_ctime=1)
        name = os.path.basename(path)
        if name == "link-as-file":
            return dict(st_mode=stat.S_IFLNK | 0o777, st_nlink=1, st_size=6, st_mtime=1, st_ctime=1)
        if name not in self.sizes or os.path.dirname(path) not in self.groups():
            raise fusepy.FuseOSError(errno.ENOENT)
        moment = time.time() if name in ("time-now", "size-moves") else 1
        self.moves += name == "size-moves"
        size = (185, 190, 195, 205, 210)[self.moves % 5] if name == "size-moves" else self.sizes[name]
        return dict(st_mode=stat.S_IFREG | 0o644, st_nlink=1, st_size=size, st_mtime=moment, st_ctime=moment,
                    st_blocks=BIG if name == "blocks" else 1)

    def readdir(self, path, fh):
        if path == "/":
            return [".", ".."] + [group[1:] for group in self.groups() if group.count("/") == 1]
        return [".", ".."] + [(name, dict(st_mode=self.listed.get(name, stat.S_IFREG)), 0) for name in self.groups()[path]]

    def readlink(self, path):
        return "target"

    def read(self, path, size, offset, fh):
        return CONTENT[offset:offset + size]

    def listxattr(self, path):
        return ["user.broken", "user.good"] if path.endswith("/attribute") else []

    def getxattr(self, path, name, position=0):
        if path.endswith("/attribute") and name == "user.good":
            return b"text"
        raise fusepy.FuseOSError(errno.EIO if name == "user.broken" else errno.ENODATA)


class Refuser(fusepy.Operations):
    def __init__(self, backing):
        self.backing = backing
        self.open_paths = {}

    def real(self, path):
        return self.backing + path

    def getattr(self, path, fh=None):
        found = os.lstat(self.real(path))
        keys = "st_mode st_nlink st_uid st_gid st_size st_blocks st_mtime st_atime st_ctime".split()
        return {key: getattr(found, key) for key in keys}

    def readdir(self, path, fh):
        return [".", ".."] + os.listdir(self.real(path))

    def opened(self, path, file):
        self.open_paths[file] = path
        return file

    def open(self, path, flags):
        return self.opened(path, os.open(self.real(path), flags & ~os.O_APPEND))

    def create(self, path, mode, fi=None):
        return self.opened(path, os.open(self.real(path), os.O_RDWR | os.O_CREAT | os.O_EXCL, mode))

    def release(self, path, fh):
        self.open_paths.pop(fh, None)
        os.close(fh)

    def read(self, path, size, offset, fh):
        return os.pread(fh, size, offset)

    def write(self, path, data, offset, fh):
        return os.pwrite(fh, data, offset)

    def truncate(self, path, length, fh=None):
        os.truncate(self.real(path), length)

    def mkdir(self, path, mode):
        os.mkdir(self.real(path), mode)

    def rmdir(self, path):
        os.rmdir(self.real(path))

    def unlink(self, path):
        if path in self.open_paths.values():
            raise fusepy.FuseOSError(errno.EPERM)
        os.unlink(self.real(path))

    def rename(self, old, new):
        if os.path.isdir(self.real(old)):
            raise fusepy.FuseOSError(errno.EPERM)
        os.rename(self.real(old), self.real(new))

    def symlink(self, name, target):
        os.symlink(target, self.real(name))

    def readlink(self, path):
        return os.readlink(self.real(path))

    def link(self, name, target):
        os.link(self.real(target), self.real(name))

    def chmod(self, path, mode):
        os.chmod(self.real(path), mode)

    def chown(self, path, user, group):
        os.lchown(self.real(path), user, group)

    def utimens(self, path, times=None):
        os.utime(self.real(path), times, follow_symlinks=False)


if len(sys.argv) > 2:
    fusepy.FUSE(Refuser(sys.argv[2]), sys.argv[1], foreground=True, nothreads=True, hard_remove=True)
else:
    fusepy.FUSE(Liar(), sys.argv[1], foreground=True, direct_io=True, attr_timeout=0, entry_timeout=0, nothreads=True)
