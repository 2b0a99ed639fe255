"""main.py DIRECTORY [OPTION]...: power cuts with DIRECTORY/repot. See Tests/power-cuts.sh."""
import argparse
import concurrent.futures
import ctypes
import multiprocessing
import os
import random
import tempfile
import time

import disks
import report
import scenarios


class Harness:
    def __init__(self, options):
        self.options = options
        self.file_systems = [name for name in options.file_systems if self.is_usable(name)]
        self.recordings = {}
        paths = scenarios.make_store(options.work)
        found = scenarios.of_repot(options.work, paths)
        if options.long:
            found += scenarios.of_peers(options.work, paths)
        self.scenarios = [scenario for scenario in found if options.only in scenario.name]

    def run(self):
        """Runs all scenarios on all file systems, and returns (scenario, file system, tally) for each."""
        for scenario in self.scenarios:
            self.learn(scenario)
        numbers = range(len(self.scenarios))
        jobs = [(number, file_system) for number in numbers for file_system in self.file_systems]
        begin = time.monotonic()
        self.recordings = self.in_processes(self.record, jobs)
        recorded = time.monotonic()
        start_machine()
        tallies = self.in_processes(self.replay, jobs)
        print(f"recorded in {recorded - begin:.0f} s, replayed in {time.monotonic() - recorded:.0f} s")
        return [(self.scenarios[number], file_system, tallies[number, file_system]) for number, file_system in jobs]

    def in_processes(self, function, jobs):
        context = multiprocessing.get_context("fork")
        with concurrent.futures.ProcessPoolExecutor(self.options.jobs, context) as pool:
            return dict(zip(jobs, pool.map(function, *zip(*jobs))))

    def directory(self, number, file_system):
        path = f"{self.options.work}/{number}-{file_system}"
        os.makedirs(path, exist_ok=True)
        return path

    def is_usable(self, file_system):
        """Whether this machine can make and mount a file system; reports a skip otherwise."""
        disk = f"{self.options.work}/{file_system}"
        try:
            disks.make_disk(disk, file_system)
            with disks.mounted(disk, file_system, disk + ".mounted"):
                return True
        except (OSError, RuntimeError) as error:
            print(f"SKIP {file_system}:", str(error).splitlines()[0])
            return False

    def learn(self, scenario):
        """Runs a command without a power cut, and records its result as the expected one."""
        directory = tempfile.mkdtemp(dir=self.options.work)
        scenarios.shell(scenario.before, directory)
        scenarios.shell(scenario.command, directory)
        scenario.result.learn(directory)
        if not scenario.result.is_complete(directory) or scenario.result.incomplete(directory):
            raise RuntimeError(f"{scenario.name} is incomplete without a power cut")

    def record(self, number, file_system):
        scenario, directory = self.scenarios[number], self.directory(number, file_system)
        disk = directory + "/before"
        disks.make_disk(disk, file_system)
        with disks.mounted(disk, file_system, directory + "/mounted") as mounted:
            scenarios.shell(scenario.before, mounted)
        return disks.record(disk, file_system, directory, lambda mounted: scenarios.shell(scenario.command, mounted))

    def replay(self, number, file_system):
        scenario, recording = self.scenarios[number], self.recordings[number, file_system]
        seed = f"{self.options.seed} {scenario.name} {file_system}"
        disk = self.directory(number, file_system) + "/crashed"
        builder = disks.Builder(recording, disk)
        tally = report.Tally()
        for state in disks.crash_states(recording, self.options.states, seed):
            builder.build(state)
            try:
                with disks.mounted(disk, file_system, disk + ".mounted") as mounted:
                    broken = scenarios.broken_promises(scenario, state, mounted)
            except RuntimeError as error:
                broken = {"mount": {str(error)}}
            new = tally.add(state, broken)
            if self.options.keep and any(report.is_promised(scenario, promise) for promise in new):
                builder.build(state)
                name = f"{scenario.name} {file_system} {state}".replace(" ", "-").replace(",", "")
                disks.run("cp", "--sparse=always", disk, f"{self.options.keep}/{name}")
        for path in (disk, disk + ".flushed", recording.disk):
            os.unlink(path)
        return tally


def start_machine():
    """Makes later child processes see a machine that has just been started: time_namespaces(7)."""
    CLONE_NEWTIME = 0x80
    if ctypes.CDLL(None, use_errno=True).unshare(CLONE_NEWTIME) != 0:
        raise OSError(ctypes.get_errno(), "unshare")
    # Time stamps of files may be a timer tick old.
    time.sleep(0.1)
    seconds, nanoseconds = divmod(-time.clock_gettime_ns(time.CLOCK_BOOTTIME), 10**9)
    with open("/proc/self/timens_offsets", "w") as file:
        file.write(f"boottime {seconds} {nanoseconds}")


def parse():
    parser = argparse.ArgumentParser(prog="power-cuts.sh")
    parser.add_argument("work", help=argparse.SUPPRESS)
    parser.add_argument("--long", action="store_true", help="20,000 states, and other programs")
    parser.add_argument("--states", type=int,
                        help="crash states of each command on each file system: 19, or 300 with --long")
    parser.add_argument("--seed", default=str(random.randrange(10**6)), help="a number for the choice of states")
    parser.add_argument("--file-systems", nargs="+", default=list(disks.MKFS), help="file systems")
    parser.add_argument("--only", default="", help="part of the names of the commands to run")
    parser.add_argument("--jobs", type=int, default=2 * os.cpu_count(), help="processes, which mostly wait for mounts")
    parser.add_argument("--keep", metavar="DIR", help="keep the disk of the first state of each failure")
    options = parser.parse_args()
    options.states = options.states or (300 if options.long else 19)
    return options


def main():
    options = parse()
    print(f"seed {options.seed}", flush=True)
    harness = Harness(options)
    if harness.file_systems:
        raise SystemExit(not report.print_report(harness.run()))


if __name__ == "__main__":
    main()
