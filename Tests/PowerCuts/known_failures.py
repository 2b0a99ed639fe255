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
    KnownFailure("repot tar", "left", "[.]", "tar removes no temporary names of earlier runs"),
]
