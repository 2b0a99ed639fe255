"""Disk images: creates, mounts and records them, and builds their states after a power cut."""
import contextlib
import fcntl
import itertools
import os
import random
import subprocess
import threading
import time
from dataclasses import dataclass

import recorder

MKFS = {
    "ext4": ["mkfs.ext4", "-qF", "-m", "0", "-E", "lazy_itable_init=0,lazy_journal_init=0"],
    "xfs": ["mkfs.xfs", "-q"],
    "btrfs": ["mkfs.btrfs", "-q"],
}
# The minimum of mkfs.xfs.
SIZE = 300 << 20
# Images of one recording have one UUID.
MOUNT_OPTIONS = {"xfs": "loop,nouuid"}
# A disk may write a part of a request. No file system here has smaller blocks.
BLOCK = 4096
BTRFS_IOC_START_SYNC = 0x80089418
BTRFS_IOC_WAIT_SYNC = 0x40089416


def run(*command, check=True):
    """Runs a command, and returns its exit status and its output.

    - Raises: RuntimeError if it fails and is checked.
    """
    done = subprocess.run(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                          errors="replace")
    if check and done.returncode != 0:
        raise RuntimeError(f"{' '.join(command)}: exit status {done.returncode}: {done.stdout}")
    return done


def make_disk(path, file_system):
    with open(path + ".full", "wb") as file:
        file.truncate(SIZE)
    run(*MKFS[file_system], path + ".full")
    # Blocks of zeros become holes.
    run("cp", "--sparse=always", path + ".full", path)
    os.unlink(path + ".full")


@contextlib.contextmanager
def mounted(disk, file_system, directory):
    os.makedirs(directory, exist_ok=True)
    run("mount", "-t", file_system, "-o", MOUNT_OPTIONS.get(file_system, "loop"), disk, directory)
    try:
        yield directory
    finally:
        run("umount", directory)


@dataclass
class Recording:
    """The writes and flushes of a command and of some time after it."""
    # The disk before the command.
    disk: str
    # (offset, bytes), or None for a flush.
    events: list
    # The number of events when the command had ended.
    end: int

    def epochs(self):
        """The writes between two flushes, and whether the command may have ended before the later one."""
        epochs, writes = [], []
        for number, event in enumerate(self.events):
            if event is not None:
                writes.append(event)
            elif writes:
                epochs.append((writes, number >= self.end))
                writes = []
        return epochs + [(writes, True)]


def record(disk, file_system, work, command):
    """Runs command(DIRECTORY) with a copy of the disk mounted, and records what is written."""
    served, log, fuse = work + "/served", work + "/record", work + "/fuse"
    os.makedirs(fuse, exist_ok=True)
    run("cp", "--sparse=always", disk, served)
    server = subprocess.Popen(["/usr/bin/python3", recorder.__file__, fuse, served, log])
    while not os.path.exists(fuse + "/disk"):
        if server.poll() is not None:
            raise RuntimeError("the FUSE server has ended")
        time.sleep(0.01)
    with mounted(fuse + "/disk", file_system, work + "/recorded") as directory:
        with journal_commits(directory, file_system) as commit:
            command(directory)
            end = os.stat(log).st_size
            # Names are on disk after these, and content mostly not.
            for _ in range(6):
                commit()
            run("sync", "-f", directory)
            commit()
    run("umount", fuse)
    server.wait()
    events, position, ended = [], 0, None
    with open(log, "rb") as file:
        while header := file.read(recorder.HEADER.size):
            if ended is None and position >= end:
                ended = len(events)
            offset, length = recorder.HEADER.unpack(header)
            events.append((offset, file.read(length)) if length else None)
            position += recorder.HEADER.size + length
    os.unlink(log)
    os.unlink(served)
    return Recording(disk, events, len(events) if ended is None else ended)


@contextlib.contextmanager
def journal_commits(directory, file_system):
    """Another program that makes the file system commit its journal every 4 ms, by an fsync of a small file."""
    done, lock, numbers = threading.Event(), threading.Lock(), itertools.count()

    def commit():
        with lock, open(directory + "/committed", "w") as file:
            number = next(numbers)
            file.write(str(number))
            file.flush()
            # For an fsync, btrfs writes only the entries of that file: ioctl_btrfs(2).
            if file_system == "btrfs" and number % 2:
                fcntl.ioctl(file, BTRFS_IOC_WAIT_SYNC, fcntl.ioctl(file, BTRFS_IOC_START_SYNC, bytes(8)))
            else:
                os.fsync(file.fileno())

    def repeat():
        while not done.wait(0.004):
            commit()

    thread = threading.Thread(target=repeat)
    thread.start()
    try:
        yield commit
    finally:
        done.set()
        thread.join()


@dataclass
class CrashState:
    """The content of a disk after a power cut: all epochs before one, and some writes of that one."""
    epoch: int
    kind: str
    writes: list
    # The command may have ended.
    has_ended: bool

    def __str__(self):
        return f"epoch {self.epoch} {self.kind}"


def crash_states(recording, count, seed):
    """Each flush boundary, and seeded prefixes, subsets and torn last writes, in the order of their epochs."""
    chance = random.Random(seed)
    epochs = recording.epochs()
    states = [CrashState(number, "boundary", [], ended) for number, (_, ended) in enumerate(epochs)]
    if len(states) > count // 2:
        states = chance.sample(states, count // 2)
    while len(states) < count:
        number = chance.randrange(len(epochs))
        writes, ended = epochs[number]
        if writes:
            kind = chance.choice(["prefix", "subset", "torn"])
            states.append(CrashState(number, kind, selection(writes, kind, chance), ended))
    return sorted(states, key=lambda state: state.epoch)


def selection(writes, kind, chance):
    if kind == "subset":
        share = chance.choice([0.1, 0.5, 0.9])
        return [write for write in writes if chance.random() < share]
    chosen = writes[:chance.randint(1, len(writes))]
    if kind == "torn":
        offset, content = chosen.pop()
        for position in range(0, len(content), BLOCK):
            if chance.random() < 0.5:
                chosen.append((offset + position, content[position:position + BLOCK]))
    return chosen


class Builder:
    """Builds the disks of crash states, whose epochs must not decrease."""

    def __init__(self, recording, path):
        self.epochs = recording.epochs()
        self.flushed = 0
        self.path = path
        run("cp", "--sparse=always", recording.disk, path + ".flushed")

    def build(self, state):
        for writes, _ in self.epochs[self.flushed:state.epoch]:
            apply(self.path + ".flushed", writes)
        self.flushed = state.epoch
        run("cp", "--sparse=auto", self.path + ".flushed", self.path)
        apply(self.path, state.writes)


def apply(path, writes):
    with open(path, "r+b", buffering=0) as file:
        for offset, content in writes:
            os.pwrite(file.fileno(), content, offset)
