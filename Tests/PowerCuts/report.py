"""The table of crash states, and the failures."""
import re
from collections import Counter

from known_failures import KNOWN_FAILURES

PROMISES = {
    "partial": "an incomplete entry has its final name",
    "undone": "the result is incomplete after exit status 0",
    "lost": "another image is lost",
    "refused": "the second run fails",
    "silent": "the second run ends with exit status 0 and an incomplete result",
    "left": "temporary names stay after a second run with exit status 0",
    "mount": "the file system cannot be mounted",
}


class Tally:
    """The results of the crash states of one command on one file system."""

    def __init__(self):
        self.states = 0
        # The number of states that break a promise.
        self.broken = Counter()
        # The first state of each (promise, detail).
        self.first = {}

    def add(self, state, broken):
        """Adds a state with its broken promises, and returns those that are new."""
        self.states += 1
        self.broken.update(broken.keys())
        found = {(promise, detail) for promise, details in broken.items() for detail in details}
        new = found - self.first.keys()
        self.first |= dict.fromkeys(new, str(state))
        return {promise for promise, _ in new}


def is_promised(scenario, promise):
    return not scenario.is_peer and (scenario.syncs or promise not in ("partial", "undone"))


def print_table(rows):
    width = max(len(scenario.name) for scenario, _, _ in rows)
    print(f"{'command':{width}} {'':5} states", *(f"{promise:>7}" for promise in PROMISES))
    for scenario, file_system, tally in rows:
        print(f"{scenario.name:{width}} {file_system:5} {tally.states:6}",
              *(f"{tally.broken[promise]:7}" for promise in PROMISES))


def print_failures(rows):
    """Prints each kind of failure once, and the known failures that were not seen. Returns the number of checks that
    have passed, of known failures, and of other failures. A check is a promise of one command on one file system."""
    states, seen, outcomes = {}, set(), Counter()
    for scenario, file_system, tally in rows:
        for promise in PROMISES:
            if not is_promised(scenario, promise):
                continue
            outcome = "passed"
            for (broken, detail), state in sorted(tally.first.items()):
                if broken != promise:
                    continue
                failure = (scenario.name, promise, detail)
                known = [entry for entry in KNOWN_FAILURES if entry.covers(*failure)]
                seen.update(entry.cause for entry in known)
                outcome = "failed" if not known or outcome == "failed" else "known"
                states.setdefault(failure + (known[0].cause if known else "",), []).append(f"{file_system} {state}")
            outcomes[outcome] += 1
    for (name, promise, detail, cause), found in sorted(states.items(), key=lambda item: bool(item[0][3])):
        print("KNOWN" if cause else "FAIL", f"{name}: {PROMISES[promise]}{': ' if detail else ''}{detail}")
        print(f"     {'; '.join(found)}{'; because ' if cause else ''}{cause}")
    for entry in KNOWN_FAILURES:
        was_tried = any(re.fullmatch(entry.scenario, scenario.name) for scenario, _, _ in rows)
        if was_tried and entry.cause not in seen:
            print(f"NOTE not seen: {entry.cause}")
    return outcomes


def blind_spots(rows):
    """File systems on which no command without --sync left an incomplete entry: the harness may not detect any."""
    unsynced = [(file_system, tally) for scenario, file_system, tally in rows if not scenario.syncs]
    return {name for name, _ in unsynced} - {name for name, tally in unsynced if tally.broken["partial"]}


def print_report(rows):
    """Prints the table and the failures, and returns whether all failures are known ones."""
    print_table(rows)
    outcomes = print_failures(rows)
    for file_system in sorted(blind_spots(rows)):
        print(f"FAIL {file_system}: no state without --sync has an incomplete entry")
        outcomes["failed"] += 1
    print(f"{sum(tally.states for _, _, tally in rows)} states; {outcomes['passed']} passed, "
          f"{outcomes['known']} known failures, {outcomes['failed']} failed")
    return outcomes["failed"] == 0
