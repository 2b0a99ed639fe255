"""recorder.py MOUNT DISK RECORD: a FUSE file system with one file, `disk`, that records each write and each flush.

The content of the file is the file DISK. RECORD gets one record for each write and each flush: a header, and the bytes
of a write. A loop device on MOUNT/disk is a disk with a volatile write cache: a flush is an fsync(2).
"""
import errno
import os
import stat
import struct
import sys

import fusepy

# Offset and length of a write; a length of 0 is a flush.
HEADER = struct.Struct("<QQ")


class Recorder(fusepy.Operations):
    def __init__(self, disk, record):
        self.disk = os.open(disk, os.O_RDWR)
        self.record = os.open(record, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
        self.size = os.fstat(self.disk).st_size

    def getattr(self, path, fh=None):
        if path == "/":
            return dict(st_mode=stat.S_IFDIR | 0o755, st_nlink=2)
        if path == "/disk":
            return dict(st_mode=stat.S_IFREG | 0o600, st_nlink=1, st_size=self.size)
        raise fusepy.FuseOSError(errno.ENOENT)

    def read(self, path, size, offset, fh):
        return os.pread(self.disk, size, offset)

    def write(self, path, data, offset, fh):
        os.writev(self.record, [HEADER.pack(offset, len(data)), data])
        return os.pwrite(self.disk, data, offset)

    def fsync(self, path, datasync, fh):
        os.write(self.record, HEADER.pack(0, 0))


if __name__ == "__main__":
    fusepy.FUSE(Recorder(*sys.argv[2:]), sys.argv[1], foreground=True, nothreads=True, direct_io=True, big_writes=True,
                max_write=131072)
