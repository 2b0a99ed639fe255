"""Comparisons with independent code: entries, OCI images, archives."""
import hashlib
import json
import os
import stat
import tarfile


def entries(path, root=None):
    """Type, mode, time and content of all entries below a path, by their names."""
    found = {}
    root = root or path
    status = os.lstat(path)
    name = os.path.relpath(path, root)
    if stat.S_ISLNK(status.st_mode):
        content = os.readlink(path)
    elif stat.S_ISREG(status.st_mode):
        content = digest(path)
    else:
        content = None
        for child in os.listdir(path):
            found |= entries(path + "/" + child, root)
    found[name] = (status.st_mode, status.st_mtime_ns, content)
    return found


def digest(path):
    """The SHA-256 digest of a file; None if it is missing or cannot be read."""
    try:
        with open(path, "rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError:
        return None


def is_equal(path, expected):
    """Whether a tree equals an expected one; an I/O error is a difference."""
    try:
        return entries(path) == expected
    except OSError:
        return False


class Layout:
    """An OCI image layout, read as the image specification says."""

    def __init__(self, path):
        self.path = path

    def blob(self, descriptor):
        """Returns the path of a complete blob.

        - Raises: ValueError if it is incomplete or missing.
        """
        algorithm, name = descriptor["digest"].split(":")
        path = f"{self.path}/blobs/{algorithm}/{name}"
        if os.path.getsize(path) != descriptor["size"] or digest(path) != name:
            raise ValueError(f"incomplete blob {name}")
        return path

    def document(self, path):
        with open(path) as file:
            return json.load(file)

    def tags(self):
        """The manifests of an index by tag."""
        key = "org.opencontainers.image.ref.name"
        manifests = self.document(self.path + "/index.json")["manifests"]
        return {entry["annotations"][key]: entry for entry in manifests if key in entry.get("annotations", {})}

    def content(self, tag):
        """The members of all layers of an image: type, mode and content by name.

        - Raises: an error if any part of the image is missing or incomplete.
        """
        if self.document(self.path + "/oci-layout") != {"imageLayoutVersion": "1.0.0"}:
            raise ValueError("oci-layout has another version")
        manifest = self.document(self.blob(self.tags()[tag]))
        config = self.document(self.blob(manifest["config"]))
        members = {"labels": config["config"].get("Labels")}
        for layer, diff_id in zip(manifest["layers"], config["rootfs"]["diff_ids"], strict=True):
            path = self.blob(layer)
            with tarfile.open(path) as archive:
                if layer["mediaType"].endswith("tar") and digest(path) != diff_id.split(":")[1]:
                    raise ValueError("the diff ID differs")
                members |= {member.name.strip("./"): member_content(archive, member) for member in archive}
        return members

    def has(self, tag, expected):
        try:
            return self.content(tag) == expected
        except (OSError, ValueError, KeyError, TypeError, tarfile.TarError):
            return False

    def incomplete(self):
        """The kinds of files that have their final names and are incomplete; "image" if a tag has no image."""
        blobs = self.path + "/blobs/sha256"
        found = ["blob" for name in names(blobs) if digest(f"{blobs}/{name}") != name]
        for name in ("index.json", "oci-layout"):
            try:
                self.document(self.path + "/" + name)
            except FileNotFoundError:
                pass
            except (OSError, ValueError):
                found.append(name)
        if not found and os.path.exists(self.path + "/index.json"):
            for tag in self.tags():
                try:
                    self.content(tag)
                except (OSError, ValueError, KeyError, tarfile.TarError):
                    found.append("image")
        return found


def member_content(archive, member):
    content = archive.extractfile(member).read() if member.isreg() else member.linkname
    return member.type, member.mode, content


def names(directory):
    """The names in a directory without temporary ones; none if it is missing."""
    try:
        return [name for name in os.listdir(directory) if not name.startswith(".")]
    except FileNotFoundError:
        return []


def temporaries(path):
    """The directories below a path that have temporary names of repot."""
    return {os.path.relpath(directory, path) for directory, directories, files in os.walk(path)
            if any(name.startswith(".repot-") for name in directories + files)}
