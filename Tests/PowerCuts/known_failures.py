"""Promises that repot breaks today: each is expected to fail. Remove an entry when repot is repaired."""
import re
from dataclasses import dataclass


@dataclass
class KnownFailure:
    # Regular expressions that match all of a scenario's name, the name of a promise, and a detail.
    scenario: str
    promise: str
    detail: str
    cause: str

    def covers(self, *failure):
        return all(re.fullmatch(pattern, text) for pattern, text in
                   zip((self.scenario, self.promise, self.detail), failure))


KNOWN_FAILURES = [
    KnownFailure("repot stage", "refused", ".*nix-path-registration' is in the way.*",
                 "an empty registration is not rewritten"),
    KnownFailure("stage, additions", "refused", ".*(nix-path-pruned' tells of|/etc/.*' is in the way).*",
                 "an empty record of --prune, or file of --skeleton, is not rewritten"),
    KnownFailure("image.*", "refused", ".*index.json' is no valid image.*", "an empty index.json is not rewritten"),
    KnownFailure("image, (new tag|warm cache)", "lost", "", "index.json gets its name before its content is on disk"),
    KnownFailure("image.*", "lied", "oci-layout", "an empty oci-layout is not rewritten"),
    KnownFailure("image.*", "lied", "blob", "a blob of the size in the cache is not read"),
    KnownFailure("image.* --sync", "half", "blob", "blobs get their names before their content is on disk"),
    KnownFailure("image, new layout --sync", "half", "index.json|oci-layout|image",
                 "the files of a new layout get their names before their content is on disk"),
    KnownFailure("image.* --sync", "undone", "", "index.json gets its name after the last sync"),
    KnownFailure("image.*", "left", "cache/repot/layers", "temporary names are not removed from the cache"),
]
