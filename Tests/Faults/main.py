"""main.py REPOT [--faults N] [--seed N] [--keep]: seeded faults in store paths, and whether 'repot verify' names them.

Each round stages 40 store paths, damages most of them in one way each, and holds three things against the damage: the
findings (each fault is named with its file, and nothing else is), the state after 'verify --repair' (equal to the
source), and the second run of 'verify' (clean). Half of the rounds take place in a mounted overlay, in which deletions
become whiteouts. Modification times are set back after a fault, so that they do not betray it.

Prints a table of the kinds of faults. Exit status: 0 if all faults were named and repaired without a false report.
"""
import argparse, collections, ctypes, hashlib, json, os, random, shutil, socket, stat, struct, subprocess, sys, tempfile

STORE = 'nix/store'
ALPHABET = '0123456789abcdfghijklmnpqrsvwxyz'
libc = ctypes.CDLL(None, use_errno=True)


# The source

def make_store(root, rng, count=40):
    """Writes store paths as Nix does; returns their names and those to which each refers."""
    store = os.path.join(root, STORE)
    os.makedirs(store)
    names = sorted(''.join(rng.choice(ALPHABET) for _ in range(32)) + f'-package-{n}' for n in range(count))
    references = {name: set() for name in names}
    for number, name in enumerate(names):
        path = os.path.join(store, name)
        if number % 10 == 9:
            write(path, rng, 5000)
            continue
        for directory in 'bin', 'lib/deep/er', 'share/empty':
            os.makedirs(os.path.join(path, directory))
        sizes = {'bin/run': 20000, 'lib/a.so': 70000, 'lib/b.so': 300, 'lib/deep/er/c': 4096, 'share/none': 0}
        for file, size in sizes.items():
            write(os.path.join(path, file), rng, rng.randrange(1, size) if size else 0)
        os.chmod(os.path.join(path, 'bin/run'), 0o555)
        os.link(os.path.join(path, 'lib/b.so'), os.path.join(path, 'lib/same'))
        os.symlink('../lib/a.so', os.path.join(path, 'bin/inside'))
        os.symlink('/etc/config', os.path.join(path, 'share/outside'))
        other = rng.choice(names)
        references[name].add(other)
        os.symlink(f'/{STORE}/{other}', os.path.join(path, 'lib/other'))
    for name in names:
        for place in walk(os.path.join(store, name)):
            normalise(place)
    return names, references


def write(path, rng, size):
    with open(path, 'wb') as file:
        file.write(rng.randbytes(size))


def normalise(place):
    status = os.lstat(place)
    if not stat.S_ISLNK(status.st_mode):
        os.chmod(place, 0o555 if stat.S_ISDIR(status.st_mode) or status.st_mode & 0o100 else 0o444)
    os.utime(place, (1, 1), follow_symlinks=False)


def walk(path):
    """All entries, a directory after its entries."""
    if os.path.isdir(path) and not os.path.islink(path):
        for name in sorted(os.listdir(path)):
            yield from walk(os.path.join(path, name))
    yield path


def strings(*values):
    return b''.join(struct.pack('<Q', len(v)) + v + b'\0' * (-len(v) % 8) for v in values)


def nar(path):
    if os.path.islink(path):
        return strings(b'(', b'type', b'symlink', b'target', os.readlink(path).encode(), b')')
    if os.path.isdir(path):
        entries = b''
        for name in sorted(os.listdir(path)):
            entries += strings(b'entry', b'(', b'name', name.encode(), b'node')
            entries += nar(os.path.join(path, name)) + strings(b')')
        return strings(b'(', b'type', b'directory') + entries + strings(b')')
    executable = [b'executable', b''] if os.stat(path).st_mode & 0o100 else []
    with open(path, 'rb') as file:
        return strings(b'(', b'type', b'regular', *executable, b'contents', file.read(), b')')


def registration(root, names, references):
    text = ''
    for name in names:
        dump = strings(b'nix-archive-1') + nar(os.path.join(root, STORE, name))
        refers = sorted(references[name])
        text += f'/{STORE}/{name}\n{hashlib.sha256(dump).hexdigest()}\n{len(dump)}\n\n{len(refers)}\n'
        text += ''.join(f'/{STORE}/{other}\n' for other in refers)
    return text


# Faults: each function damages one place, and returns the problem that verify has to name and the entry in the store
# path that it concerns, or None if the store path has no such place.

KINDS = {}


def fault(function):
    KINDS[function.__name__.replace('_', ' ')] = function
    return function


class Target:
    """A store path to be damaged."""

    def __init__(self, path, rng, is_overlay):
        self.path, self.rng, self.is_overlay = path, rng, is_overlay

    def entry(self, test):
        """The name of a random entry; '' is the store path itself."""
        found = [place[len(self.path) + 1:] for place in walk(self.path) if test(os.lstat(place).st_mode)]
        return self.rng.choice(found) if found else None

    def file(self, smallest=0):
        found = [place[len(self.path) + 1:] for place in walk(self.path)
                 if stat.S_ISREG(os.lstat(place).st_mode) and os.lstat(place).st_size >= smallest]
        return self.rng.choice(found)

    def directory(self):
        return self.entry(stat.S_ISDIR)

    def symlink(self):
        return self.entry(stat.S_ISLNK)

    def any(self):
        return self.entry(lambda _: True)

    def __call__(self, entry):
        return os.path.join(self.path, entry) if entry else self.path

    def below(self, directory, name):
        return os.path.join(directory, name) if directory else name


def rewrite(place, change):
    mode = stat.S_IMODE(os.stat(place).st_mode)
    os.chmod(place, 0o644)
    with open(place, 'r+b') as file:
        change(file)
    os.chmod(place, mode)


@fault
def flipped_bit(target):
    entry = target.file(1)
    def flip(file):
        at = target.rng.randrange(os.fstat(file.fileno()).st_size)
        file.seek(at)
        byte = file.read(1)[0]
        file.seek(at)
        file.write(bytes([byte ^ 1 << target.rng.randrange(8)]))
    rewrite(target(entry), flip)
    return 'content', entry


@fault
def zeros_of_the_same_size(target):
    entry = target.file(8)
    def clear(file):
        size = os.fstat(file.fileno()).st_size
        file.truncate(0)
        file.truncate(size)
    rewrite(target(entry), clear)
    return 'content', entry


@fault
def a_byte_less(target):
    entry = target.file(1)
    rewrite(target(entry), lambda file: file.truncate(os.fstat(file.fileno()).st_size - 1))
    return 'content', entry


@fault
def a_byte_more(target):
    entry = target.file()
    rewrite(target(entry), lambda file: (file.seek(0, 2), file.write(b'\0')))
    return 'content', entry


@fault
def emptied_file(target):
    entry = target.file(1)
    rewrite(target(entry), lambda file: file.truncate(0))
    return 'content', entry


@fault
def content_of_another_file(target):
    entry = target.file(1)
    rewrite(target(entry), lambda file: file.write(b'other content'[:max(1, os.fstat(file.fileno()).st_size)]))
    return 'content', entry


@fault
def set_id_or_sticky_bit(target):
    entry = target.entry(lambda mode: not stat.S_ISLNK(mode))
    os.chmod(target(entry), stat.S_IMODE(os.lstat(target(entry)).st_mode) | target.rng.choice([0o4000, 0o2000, 0o1000]))
    return 'mode', entry


@fault
def write_permission(target):
    entry = target.entry(lambda mode: not stat.S_ISLNK(mode))
    os.chmod(target(entry), stat.S_IMODE(os.lstat(target(entry)).st_mode) | target.rng.choice([0o200, 0o020, 0o002]))
    return 'mode', entry


@fault
def lost_read_permission(target):
    entry = target.entry(lambda mode: not stat.S_ISLNK(mode))
    os.chmod(target(entry), stat.S_IMODE(os.lstat(target(entry)).st_mode) & ~target.rng.choice([0o400, 0o040, 0o004]))
    return 'mode', entry


@fault
def executable_or_not(target):
    entry = target.file()
    os.chmod(target(entry), stat.S_IMODE(os.lstat(target(entry)).st_mode) ^ 0o111)
    return 'content', entry


@fault
def other_user(target):
    entry = target.any()
    os.lchown(target(entry), 1500, 0)
    return 'owner', entry


@fault
def other_group(target):
    entry = target.any()
    os.lchown(target(entry), 0, 1500)
    return 'owner', entry


@fault
def later_time(target):
    entry = target.any()
    os.utime(target(entry), (2, 1_700_000_000), follow_symlinks=False)
    return 'time', entry, False


@fault
def a_nanosecond_later(target):
    entry = target.any()
    os.utime(target(entry), ns=(10**9, 10**9 + 1), follow_symlinks=False)
    return 'time', entry, False


@fault
def symlink_to_another_place(target):
    entry = target.symlink()
    if entry is None: return None
    replace(target(entry), lambda place: os.symlink(target.rng.choice(['a.so', '/etc/passwd', '../lib/b.so']), place))
    return 'content', entry


@fault
def symlink_that_leads_nowhere(target):
    entry = target.symlink()
    if entry is None: return None
    replace(target(entry), lambda place: os.symlink(f'/{STORE}/{"0" * 32}-absent', place))
    return 'content', entry


@fault
def file_instead_of_a_symlink(target):
    entry = target.symlink()
    if entry is None: return None
    replace(target(entry), lambda place: write(place, target.rng, 30))
    os.chmod(target(entry), 0o444)
    return 'content', entry


@fault
def symlink_instead_of_a_file(target):
    # The content that it leads to is the same.
    entry = target.file()
    outside = tempfile.mktemp(dir=os.getcwd())
    shutil.copy2(target(entry), outside)
    replace(target(entry), lambda place: os.symlink(outside, place))
    return 'content', entry


@fault
def symlink_instead_of_a_directory(target):
    entry = target.entry(lambda mode: stat.S_ISDIR(mode))
    if entry is None: return None
    outside = tempfile.mktemp(dir=os.getcwd())
    shutil.copytree(target(entry), outside, symlinks=True)
    replace(target(entry), lambda place: os.symlink(outside, place))
    return 'content', entry


@fault
def file_instead_of_a_directory(target):
    entry = target.directory()
    if entry is None: return None
    replace(target(entry), lambda place: write(place, target.rng, 30))
    os.chmod(target(entry), 0o444)
    return 'content', entry


@fault
def directory_instead_of_a_file(target):
    entry = target.file()
    replace(target(entry), os.mkdir)
    os.chmod(target(entry), 0o555)
    return 'content', entry


@fault
def missing_file(target):
    entry = target.file()
    os.unlink(target(entry))
    return ('missing' if not entry else 'content'), entry


@fault
def missing_symlink(target):
    entry = target.symlink()
    if entry is None: return None
    os.unlink(target(entry))
    return 'content', entry


@fault
def missing_directory(target):
    entry = target.directory()
    if entry is None: return None
    shutil.rmtree(target(entry))
    return ('missing' if not entry else 'content'), entry


@fault
def missing_store_path(target):
    remove(target.path)
    return 'missing', ''


@fault
def extra_file(target):
    return extra(target, lambda place: (write(place, target.rng, 100), os.chmod(place, 0o444)), 'more')


@fault
def extra_empty_directory(target):
    return extra(target, lambda place: (os.mkdir(place), os.chmod(place, 0o555)), 'more')


@fault
def extra_symlink(target):
    return extra(target, lambda place: os.symlink('run', place), 'more')


@fault
def extra_name_of_a_file(target):
    directory = target.directory()
    if directory is None: return None
    entry = target.below(directory, 'more')
    os.link(target(target.file()), target(entry))
    return 'content', entry


@fault
def file_named_like_a_whiteout(target):
    return extra(target, lambda place: (write(place, target.rng, 0), os.chmod(place, 0o444)), '.wh.run')


def extra(target, make, name):
    directory = target.directory()
    if directory is None: return None
    entry = target.below(directory, name)
    make(target(entry))
    return 'content', entry


@fault
def whiteout(target):
    # A mounted overlay refuses to make one: there, a whiteout is a missing file.
    if target.is_overlay: return None
    return special(target, lambda place: os.mknod(place, stat.S_IFCHR | 0o444, os.makedev(0, 0)))


@fault
def fifo(target):
    return special(target, lambda place: os.mkfifo(place, 0o444))


@fault
def unix_socket(target):
    def make(place):
        # A path of a socket has 107 bytes at most.
        directory = os.open(os.path.dirname(place), os.O_RDONLY)
        with socket.socket(socket.AF_UNIX) as server:
            server.bind(f'/proc/self/fd/{directory}/{os.path.basename(place)}')
        os.close(directory)
    return special(target, make)


@fault
def device(target):
    return special(target, lambda place: os.mknod(place, stat.S_IFCHR | 0o444, os.makedev(1, 3)))


def special(target, make):
    """An extra entry, or one instead of a file."""
    directory = target.directory()
    if directory is not None and target.rng.random() < 0.5:
        entry = target.below(directory, 'more')
        make(target(entry))
    else:
        entry = target.file()
        replace(target(entry), make)
    return 'unreadable', entry


@fault
def mounted_directory(target):
    # An empty file system on an empty directory changes nothing.
    entry = target.entry(stat.S_ISDIR)
    if entry is None or not os.listdir(target(entry)): return None
    mount('tmpfs', target(entry), 'tmpfs', 'mode=555,size=1m')
    return 'content', entry


@fault
def mounted_file(target):
    entry = target.file(1)
    other = tempfile.mktemp(dir='.')
    shutil.copy2(target(entry), other)
    rewrite(other, lambda file: file.write(b'mounted'))
    os.utime(other, (1, 1))
    mount(other, target(entry), None, None, 4096)
    return 'content', entry


@fault
def attribute(target):
    entry = target.any()
    name = target.rng.choice(['trusted.note', 'security.note', 'user.note'])
    if name.startswith('user.') and os.path.islink(target(entry)): name = 'trusted.note'
    os.setxattr(target(entry), name, b'1', follow_symlinks=False)
    return 'attribute', entry


@fault
def capability(target):
    entry = target.file()
    os.setxattr(target(entry), 'security.capability', struct.pack('<IIIII', 0x02000001, 1 << 7, 0, 0, 0))
    return 'attribute', entry


@fault
def access_list(target):
    entry = target.entry(lambda mode: not stat.S_ISLNK(mode))
    mode = stat.S_IMODE(os.lstat(target(entry)).st_mode)
    # The mask is the group's mode, so that the mode stays.
    rights = [(1, mode >> 6 & 7, -1), (2, 4, 1500), (4, mode >> 3 & 7, -1), (16, mode >> 3 & 7, -1), (32, mode & 7, -1)]
    value = struct.pack('<I', 2) + b''.join(struct.pack('<HHi', *right) for right in rights)
    os.setxattr(target(entry), 'system.posix_acl_access', value)
    return 'attribute', entry


@fault
def default_access_list(target):
    entry = target.directory()
    if entry is None: return None
    rights = [(1, 7, -1), (2, 7, 1500), (4, 5, -1), (16, 7, -1), (32, 5, -1)]
    value = struct.pack('<I', 2) + b''.join(struct.pack('<HHi', *right) for right in rights)
    os.setxattr(target(entry), 'system.posix_acl_default', value)
    return 'attribute', entry


def mount(source, place, kind, options, flags=0):
    encode = lambda text: text and os.fsencode(text)
    if libc.mount(encode(source), encode(place), encode(kind), flags, encode(options)):
        raise OSError(ctypes.get_errno(), f'mount on {place}')


def unmount(place):
    if libc.umount2(os.fsencode(place), 2):
        raise OSError(ctypes.get_errno(), f'unmount {place}')


def mounted_below(directory):
    """Mount points, the last one first."""
    with open('/proc/self/mountinfo') as file:
        return [place for place in [line.split()[4] for line in file][::-1] if place.startswith(f'{directory}/')]


def remove(place):
    shutil.rmtree(place) if os.path.isdir(place) and not os.path.islink(place) else os.unlink(place)


def replace(place, make):
    remove(place)
    make(place)


# A round

def state(path):
    """All that makes an entry, for a comparison that knows nothing of repot."""
    result = {}
    for place in walk(path):
        status = os.lstat(place)
        content = b''
        if stat.S_ISREG(status.st_mode):
            with open(place, 'rb') as file: content = file.read()
        elif stat.S_ISLNK(status.st_mode):
            content = os.readlink(place)
        attributes = {name: os.getxattr(place, name, follow_symlinks=False)
                      for name in os.listxattr(place, follow_symlinks=False) if not name.startswith('trusted.overlay.')}
        metadata = status.st_mode, status.st_uid, status.st_gid, status.st_mtime_ns
        result[place[len(path):]] = metadata, content, attributes
    return result


class Round:
    def __init__(self, arguments, number):
        self.repot, self.number = arguments.repot, number
        self.rng = random.Random(f'{arguments.seed} {number}')
        self.complaints = []
        os.mkdir('source')
        self.names, references = make_store('source', self.rng)
        with open('registration', 'w') as file: file.write(registration('source', self.names, references))
        self.is_overlay = number % 2 == 1
        lower = 'lower' if self.is_overlay else 'out'
        self.run('stage', '-q', '--store-root', 'source', '--closure', 'registration', lower, expected=0)
        if self.is_overlay:
            for directory in 'upper', 'work', 'out': os.mkdir(directory)
            mount('overlay', 'out', 'overlay', 'lowerdir=lower,upperdir=upper,workdir=work')
        self.store = os.path.abspath(os.path.join('out', STORE))

    def run(self, *words, expected):
        done = subprocess.run([self.repot, *words], capture_output=True, text=True)
        if done.returncode != expected:
            self.complain(f"exit status {done.returncode} of {' '.join(words)}: {done.stderr[:2000]}")
        return done

    def complain(self, text):
        self.complaints.append(f'round {self.number}: {text}')

    def verify(self, *words, expected):
        done = self.run('verify', '-q', '--json', '--store-root', 'source', '--closure', 'registration', *words, 'out',
                        expected=expected)
        return json.loads(done.stdout)['findings'] if done.stdout else []

    def damage(self, kinds):
        """Damages a store path for each kind; returns the kinds, problems and entries by the names of store paths."""
        damaged = {}
        names = self.rng.sample(self.names, min(len(kinds), len(self.names) - 3))
        for name, kind in zip(names, kinds):
            path = os.path.join(self.store, name)
            target = Target(path, self.rng, self.is_overlay)
            result = KINDS[kind](target)
            if result is None: continue
            if len(result) == 2 and os.path.lexists(path):
                for place in walk(path):
                    if os.lstat(place).st_mtime_ns != 10**9: os.utime(place, (1, 1), follow_symlinks=False)
            damaged[name] = (kind, *result[:2])
        os.utime(self.store, (1, 1))
        return damaged

    def check(self, damaged, findings):
        """The kinds of the faults that are named. Complains of the others, and of false reports."""
        named = []
        by_name = collections.defaultdict(list)
        for finding in findings: by_name[os.path.basename(finding['path'])].append(finding)
        for name in by_name.keys() - damaged.keys():
            # A symlink of another store path may lead to the missing one.
            missing = {n for n, (_, problem, _) in damaged.items() if problem == 'missing'}
            for finding in by_name[name]:
                if finding['problem'] == 'leads-to-nothing' and any(n in finding['message'] for n in missing): continue
                self.complain(f"false report: {finding['message']}")
        for name, (kind, problem, entry) in damaged.items():
            # A finding without files concerns the store path itself; one of an entry may name the entries below it.
            if any(finding['problem'] == problem
                   and any(not entry or file == entry or file.startswith(f'{entry}/') for file in finding['files'] or [''])
                   for finding in by_name[name]):
                named.append(kind)
            else:
                said = [(f['problem'], f['files'], f['message']) for f in by_name[name]]
                self.complain(f'{kind} of {entry!r} in {name} is not named as {problem}: {said}')
        return named

    def play(self, kinds):
        self.verify(expected=0)
        damaged = self.damage(kinds)
        named = self.check(damaged, self.verify(expected=1))
        if any(kind.startswith('mounted') for kind, _, _ in damaged.values()):
            # The damaged store path is replaced, but cannot be removed: a file system is mounted in it.
            self.verify('--repair', expected=1)
            for place in mounted_below(self.store): unmount(place)
        self.verify('--repair', expected=0)
        for finding in self.verify(expected=0): self.complain(f"after --repair: {finding['message']}")
        for name in self.names:
            if state(os.path.join('source', STORE, name)) != state(os.path.join(self.store, name)):
                self.complain(f'{name} differs from its source after --repair ({damaged.get(name)})')
        if sorted(os.listdir(self.store)) != self.names: self.complain('--repair leaves other entries in the store')
        return [kind for kind, _, _ in damaged.values()], named


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('repot', metavar='REPOT')
    parser.add_argument('--faults', type=int, default=1000, metavar='N', help='how many faults, at least')
    parser.add_argument('--seed', type=int, default=1, metavar='N')
    parser.add_argument('--keep', action='store_true', help='keep the directory of a failed round, and stop there')
    arguments = parser.parse_args()
    arguments.repot = os.path.abspath(arguments.repot)
    made, named, complaints, number = collections.Counter(), collections.Counter(), [], 0
    rng = random.Random(arguments.seed)
    base = os.getcwd()
    while made.total() < arguments.faults:
        number += 1
        directory = tempfile.mkdtemp(dir=base)
        os.chdir(directory)
        # As many of each kind as of any other, in another order in each round.
        kinds = sorted(KINDS, key=lambda kind: (made[kind], rng.random()))
        round = Round(arguments, number)
        faults = round.play(kinds)
        made.update(faults[0])
        named.update(faults[1])
        complaints += round.complaints
        if round.complaints and arguments.keep: break
        if round.is_overlay: unmount('out')
        os.chdir(base)
        shutil.rmtree(directory)
    width = max(map(len, KINDS))
    for kind in KINDS: print(f'{kind:{width}}  {named[kind]:4} of {made[kind]:4}')
    for complaint in complaints[:40]: print(complaint)
    print(f'{made.total()} faults of {len(KINDS)} kinds in {number} rounds: {named.total()} named, '
          f'{len(complaints)} complaints')
    sys.exit(1 if complaints or named != made else 0)


main()
