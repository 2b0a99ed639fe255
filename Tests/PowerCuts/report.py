"""The table of crash states, and the failures."""
from collections import Counter

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
    """Prints each kind of failure once. Returns the number of checks that have passed, and of those that have failed. A
    check is a promise of one command on one file system."""
    states, outcomes = {}, Counter()
    for scenario, file_system, tally in rows:
        for promise in PROMISES:
            if not is_promised(scenario, promise):
                continue
            found = [(detail, state) for (broken, detail), state in sorted(tally.first.items()) if broken == promise]
            for detail, state in found:
                states.setdefault((scenario.name, promise, detail), []).append(f"{file_system} {state}")
            outcomes["failed" if found else "passed"] += 1
    for (name, promise, detail), found in states.items():
        print(f"FAIL {name}: {PROMISES[promise]}{': ' if detail else ''}{detail}")
        print(f"     {'; '.join(found)}")
    return outcomes


def blind_spots(rows):
    """File systems on which no command without --sync left an incomplete entry: the harness may not detect any."""
    unsynced = [(file_system, tally) for scenario, file_system, tally in rows if not scenario.syncs]
    return {name for name, _ in unsynced} - {name for name, tally in unsynced if tally.broken["partial"]}


def print_report(rows):
    """Prints the table and the failures, and returns whether no check has failed."""
    print_table(rows)
    outcomes = print_failures(rows)
    for file_system in sorted(blind_spots(rows)):
        print(f"FAIL {file_system}: no state without --sync has an incomplete entry")
        outcomes["failed"] += 1
    print(f"{sum(tally.states for _, _, tally in rows)} states; {outcomes['passed']} passed, "
          f"{outcomes['failed']} failed")
    return outcomes["failed"] == 0
