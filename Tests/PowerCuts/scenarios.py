"""The commands that are recorded, and their complete results."""
import hashlib
import os
import shlex
from dataclasses import dataclass

import disks
import promises

# File sizes: empty, less than a block, a block, and more than one write.
SIZES = [0, 1, 300, 4096, 5000, 70_000, 400_000]


def make_store(work, count=4):
    """A store below work/nix/store, whose paths have time 1; closures `all` and `one` list them."""
    store = work + "/nix/store"
    paths = []
    for number in range(1, count + 1):
        path = f"{store}/{number:032}-path"
        os.makedirs(path + "/bin")
        for size in SIZES[number % 2:]:
            with open(f"{path}/bin/{size}", "wb") as file:
                line = b"%d of %d\n" % (number, size)
                file.write((line * size)[:size])
        os.symlink("bin/300", path + "/link")
        disks.run("chmod", "-R", "a-w", path)
        disks.run("find", path, "-depth", "-exec", "touch", "-hd", "@1", "{}", "+")
        paths.append(path)
    for name, listed in (("all", paths), ("one", paths[:1])):
        with open(f"{work}/{name}", "w") as file:
            file.writelines(f"/nix/store/{os.path.basename(path)}\n" for path in listed)
    return paths


class StorePaths:
    """Copies of store paths in a directory of the disk."""

    def __init__(self, paths, directory):
        self.expected = {f"{directory}/{os.path.basename(path)}": promises.entries(path) for path in paths}

    def learn(self, disk):
        """Records the complete state after a run without a power cut."""

    def incomplete(self, disk):
        return ["a store path" for path, expected in self.expected.items()
                if os.path.lexists(disk + path) and not promises.is_equal(disk + path, expected)]

    def is_complete(self, disk):
        return all(promises.is_equal(disk + path, expected) for path, expected in self.expected.items())

    def keeps_others(self, disk):
        return True


class RootFileSystem(StorePaths):
    """A staged root file system in `out`, with files outside the store."""

    def learn(self, disk):
        self.additions = self.found_additions(disk)

    def found_additions(self, disk):
        """Modes and contents of all entries outside the store."""
        if not os.path.exists(disk + "/out"):
            return {}
        return {name: (mode, content) for name, (mode, _, content) in promises.entries(disk + "/out").items()
                if not name.startswith("nix/store/") and "/.repot-" not in "/" + name}

    def incomplete(self, disk):
        return super().incomplete(disk) + [name for name, found in self.found_additions(disk).items()
                                           if found[1] is not None and found != self.additions.get(name)]

    def is_complete(self, disk):
        return super().is_complete(disk) and self.found_additions(disk) == self.additions


class Image:
    """The image `new` in a layout that may also have an image `old`."""

    def __init__(self, other=None):
        self.other = other

    def learn(self, disk):
        layout = promises.Layout(disk + "/layout")
        self.expected = {tag: layout.content(tag) for tag in ("new", self.other) if tag}

    def incomplete(self, disk):
        return promises.Layout(disk + "/layout").incomplete()

    def is_complete(self, disk):
        return promises.Layout(disk + "/layout").has("new", self.expected["new"])

    def keeps_others(self, disk):
        return not self.other or promises.Layout(disk + "/layout").has(self.other, self.expected[self.other])


OLD_DIGEST = hashlib.sha256(b"old\n").hexdigest()


class Files:
    """Files, each of which may replace an older one. The contents of streams grow under their names."""

    def __init__(self, *paths, is_stream=False):
        self.paths = paths
        self.is_stream = is_stream

    def learn(self, disk):
        self.digests = {path: promises.digest(disk + path) for path in self.paths}

    def incomplete(self, disk):
        return [path for path, expected in self.digests.items() if not self.is_stream and os.path.exists(disk + path)
                and promises.digest(disk + path) not in (expected, OLD_DIGEST)]

    def is_complete(self, disk):
        return all(promises.digest(disk + path) == expected for path, expected in self.digests.items())

    def keeps_others(self, disk):
        return True


@dataclass
class Scenario:
    name: str
    # A shell command with $disk.
    command: str
    # The shell command that creates the state before.
    before: str
    result: object
    syncs: bool = False
    is_peer: bool = False


def of_repot(work, paths):
    repot = work + "/repot"
    sources = " ".join(paths)
    closure = f"-q --store-root {work} --closure {work}"
    image = f"XDG_CACHE_HOME=$disk/cache {repot} image {closure}"
    old = f"{image}/one -o oci:$disk/layout:old"
    symlink = f"--symlink /link=/nix/store/{os.path.basename(paths[0])}/link"
    found = []
    for sync in ("", " --sync"):
        def add(name, command, before, result):
            found.append(Scenario(name + sync, command, before, result, syncs=bool(sync)))
        add("repot -R", f"{repot} -R{sync} {sources} $disk", "", StorePaths(paths, ""))
        add("repot stage", f"{repot} stage{sync} {closure}/all --registration $disk/out", "",
            RootFileSystem(paths, "/out/nix/store"))
        add("stage, additions", f"{repot} stage{sync} {closure}/all --skeleton --prune '*/none' {symlink} $disk/out",
            "", RootFileSystem(paths, "/out/nix/store"))
        add("image, new layout", f"{image}/all{sync} -o oci:$disk/layout:new", "", Image())
        add("image, new tag", f"{image}/all{sync} -o oci:$disk/layout:new", old, Image("old"))
        add("image, warm cache", f"{image}/all{sync} -o oci:$disk/layout:new",
            f"{old}; {image}/all -o oci:$disk/other:new", Image("old"))
        add("image, archive", f"{image}/all{sync} -o docker-archive:$disk/archive --sbom spdx --sbom-file $disk/sbom",
            "echo old >$disk/archive", Files("/archive", "/sbom"))
        add("repot tar", f"{repot} tar{sync} {closure}/all -o $disk/archive", "echo old >$disk/archive",
            Files("/archive"))
    return found + [
        Scenario("image, compressed --sync", f"{image}/all --sync -o oci-archive:$disk/archive.tar.gz", "",
                 Files("/archive.tar.gz"), syncs=True),
        Scenario("tar, redirected --sync", f"{repot} tar --sync {closure}/all >$disk/archive", "",
                 Files("/archive", is_stream=True), syncs=True),
    ]


def of_peers(work, paths):
    """Other programs that copy a store path or write an image."""
    repot = work + "/repot"
    sources = " ".join(paths)
    closure = f"-q --store-root {work} --closure {work}"
    old = f"{repot} image --no-cache {closure}/one -o oci:$disk/layout:old"
    source = f"oci:{work}/source:new"
    storage = f"--root {work}/storage --runroot {work}/run --storage-driver vfs"
    disks.run("sh", "-c", f"{repot} image --no-cache {closure}/all -o {source}")
    disks.run("skopeo", "copy", source, f"containers-storage:[vfs@{work}/storage+{work}/run]peer")
    return [
        Scenario("cp -a", f"cp -a {sources} $disk", "", StorePaths(paths, ""), is_peer=True),
        Scenario("cp -au", f"cp -au {sources} $disk", "", StorePaths(paths, ""), is_peer=True),
        Scenario("rsync -a", f"rsync -a {sources} $disk", "", StorePaths(paths, ""), is_peer=True),
        Scenario("skopeo copy", f"skopeo copy -q {source} oci:$disk/layout:new", old, Image("old"), is_peer=True),
        Scenario("umoci insert", f"umoci insert --image $disk/layout:old --tag new {paths[1]} /p", old, Image("old"),
                 is_peer=True),
        Scenario("buildah push", f"buildah {storage} push -q peer oci:$disk/layout:new", old, Image("old"),
                 is_peer=True),
    ]


def broken_promises(scenario, state, disk):
    """The promises that a crash state or a second run in it breaks: sets of details by promise."""
    result, broken = scenario.result, {}
    if incomplete := result.incomplete(disk):
        broken["partial"] = set(incomplete)
    if state.has_ended and not result.is_complete(disk):
        broken["undone"] = {""}
    keeps_others = result.keeps_others(disk)
    second = shell(scenario.command, disk, check=False)
    if second.returncode != 0:
        message = (second.stdout.strip().splitlines() or [f"exit status {second.returncode}"])[-1]
        broken["refused"] = {message.replace(disk, "")}
    else:
        if not result.is_complete(disk):
            broken["silent"] = set(result.incomplete(disk)) or {"missing"}
        if directories := promises.temporaries(disk):
            broken["left"] = directories
    if not keeps_others or not result.keeps_others(disk):
        broken["lost"] = {""}
    return broken


def shell(command, disk, check=True):
    return disks.run("timeout", "-k", "2", "60", "sh", "-c", f"disk={shlex.quote(disk)}; {command}", check=check)
