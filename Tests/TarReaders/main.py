#!/usr/bin/env python3
"""Archives that programs may read differently: GNU tar, bsdtar, Python and umoci (Go) against 'repot verify'.

main.py REPOT [--seconds N] [--seed N] [--count N] [--keep DIR]

Each case is a layer with one store path, whose headers were changed at random. All programs unpack it. If they agree on
the store path, repot has to accept the layer with the hash of that store path, or refuse the layer; it may not read
another one. If they disagree, repot may not accept the layer with any of these hashes. A program that fails is ignored.
Each second case has a second layer of symlinks, removals and members below symlinks; umoci alone unpacks both. First,
archives that these programs write have to be accepted.

The default is 60 seconds with seed 1. Each case depends on the seed and its number only. '--seconds 3600 --seed
"$(date +%s)"' searches longer. '--case N' runs one case. '--keep DIR' keeps the layers of failed cases. Exit status: 0
if no case failed, 1 otherwise.
"""
import argparse, concurrent.futures, hashlib, json, os, random, resource, shutil, signal, struct, subprocess, sys
import tarfile, tempfile, time

NAME = '00000000000000000000000000000000-app'
PATH = b'nix/store/' + NAME.encode()
ENTRIES = ['', '/a', '/b', '/c', '/d', '/d/e', '/f']


def pad(data):
    return data + b'\0' * (-len(data) % 512)


def header(name, type=b'0', size=0, link=b'', mode=0o444, magic=b'ustar\x0000', prefix=b'', number=None, star=False,
           signed=False):
    block = bytearray(512)
    block[0:len(name)] = name[:100]
    block[100:108] = b'%07o\0' % mode
    block[108:124] = b'0000000\0' * 2
    block[124:136] = number if number is not None else b'%011o\0' % size
    block[136:148] = b'00000000001\0'
    block[156:157] = type
    block[157:157 + min(100, len(link))] = link[:100]
    block[257:265] = magic
    block[345:345 + len(prefix)] = prefix[:155]
    if star:
        block[508:512] = b'tar\0'
    block[148:156] = b' ' * 8
    total = sum(byte - 256 if signed and byte > 127 else byte for byte in block)
    block[148:156] = b'%06o\0 ' % (total % (1 << 18))
    return bytes(block)


def record(key, value, plus=b''):
    rest = b' ' + key + b'=' + value + b'\n'
    length = next(n for n in range(len(rest), len(rest) + 9) if len(plus) + len(str(n)) + len(rest) == n)
    return plus + str(length).encode() + rest


def extended(data, type=b'x'):
    return header(b'././@PaxHeader', type, len(data)) + pad(data)


def longname(name, type=b'L'):
    return header(b'././@LongLink', type, len(name), magic=b'ustar  \0') + pad(name)


class Generator:
    """A layer with the store path, as random numbers change it."""

    def __init__(self, seed):
        self.random = random.Random(seed)

    def once(self, n):
        return self.random.randrange(n) == 0

    def other(self):
        """A name for which readers may take a member."""
        return self.random.choice([PATH + b'/a', PATH + b'/b', PATH + b'/f', PATH + b'/d/e', b'harmless', PATH + b'/g',
                                   PATH + b'/a/', b'./' + PATH + b'/b', b'/' + PATH + b'/b', b'', PATH + b'//b'])

    def layer(self):
        changed = set(self.random.choices(range(len(ENTRIES)), k=self.random.randrange(1, 3)))
        parts = [self.member(number, entry.encode(), number in changed) for number, entry in enumerate(ENTRIES)]
        if self.once(30):
            parts.insert(self.random.randrange(len(parts)), b'\0' * 512 * self.random.randrange(1, 3))
        if self.once(30):
            parts.insert(0, extended(record(b'comment', b'text'), b'g'))
        end = self.random.choice([b'\0' * 1024] * 8 + [b'\0' * 512, b'', b'\0' * 10240])
        if self.once(20):
            end += header(PATH + b'/a', size=4, mode=0o555) + pad(b'late')
        return b''.join(parts) + end

    def member(self, number, entry, is_changed):
        name, size, content, link, mode, type = PATH + entry, 0, b'', b'', 0o444, b'0'
        if entry in (b'', b'/d'):
            type, mode, name = b'5', 0o555, name + b'/'
        elif entry == b'/c':
            type, link = b'2', b'a'
        elif entry == b'/f' and self.once(3):
            type, link = b'1', PATH + b'/b'
        else:
            content = b'content of %d' % number * self.random.choice([1, 1, 60])
            size, mode = len(content), self.random.choice([0o444, 0o555])
        fields = dict(type=type, size=size, link=link, mode=mode)
        if not is_changed:
            return header(name, **fields) + pad(content)
        before = []
        for _ in range(self.random.choice([1, 1, 1, 2, 2, 3])):
            name, content = self.change(name, content, fields, before)
        return b''.join(before) + header(name[:100], **fields) + pad(content)

    def change(self, name, content, fields, before):
        pick = self.random.choice
        kind = self.random.randrange(26)
        if kind < 8:
            before.append(extended(self.records(name, fields, content)))
        elif kind < 11:
            text = pick([name, name, self.other()]) + pick([b'\0', b'\0', b'', b'\0x\0', b'\0\0'])
            before.append(longname(text))
        elif kind == 11:
            before.append(longname(pick([fields['link'] or b'a', b'b', PATH + b'/a']) + b'\0', b'K'))
        elif kind == 12:
            before.append(extended(record(*pick([(b'comment', b'text'), (b'path', self.other()), (b'mtime', b'5'),
                                                 (b'size', b'0'), (b'uid', b'7')])), b'g'))
        elif kind == 13:
            fields['type'] = pick([b'0', b'\0', b'7', b'5', b'1', b'2', b'S', b'V', b'D', b'X', b'6', b'A', b'N', b'z'])
        elif kind == 14:
            name = pick([name + b'/', name + b'//', name.rstrip(b'/'), b'./' + name, b'/' + name, name + b'/.'])
        elif kind == 15:
            fields['magic'] = pick([b'ustar  \0', b'\0' * 8, b'ustar\0\0\0', b'ustar 00', b'ustar12\0', b'ustar\x0001'])
        elif kind == 16:
            cut = name.rstrip(b'/').rfind(b'/')
            fields['prefix'], name = name[:cut], name[cut + 1:]
        elif kind == 17:
            fields['prefix'] = pick([b'harmless', b'p' * 140, b'00000000001\0'])
        elif kind == 18:
            fields['star'] = True
        elif kind == 19:
            size = fields['size']
            fields['number'] = pick([
                b'\x80' + size.to_bytes(11, 'big'), b'\x81' + size.to_bytes(11, 'big'),
                b'\xc0' + size.to_bytes(11, 'big'), b'%11o ' % size, b'%o' % size + b' ' * (12 - len(b'%o' % size)),
                (b'%o\0' % size).ljust(12, b'7'), (b'%o 7' % size).ljust(12, b'\0'), b'\0' * 12, b' ' * 12,
                b'\0' + b'%010o\0' % size, b'-%010o\0' % size, b'\xff' * 12])
        elif kind == 20:
            fields['signed'], name = True, pick([name, name[:-1] + b'\xc3'])
        elif kind == 21:
            fields['size'] = pick([0, 512, max(0, fields['size'] - 1), fields['size'] + 512])
        elif kind == 22:
            fields['link'] = pick([b'', b'a', PATH + b'/a', b'../b', PATH + b'/d/../a', name])
        elif kind == 23:
            before.append(header(self.other(), size=4) + pad(b'more'))
        elif kind == 24:
            before.append(extended(record(b'GNU.sparse.major', b'1') + record(b'GNU.sparse.minor', b'0')
                                   + record(b'GNU.sparse.name', pick([name, self.other()]))
                                   + record(b'GNU.sparse.realsize', b'%d' % fields['size'])))
        else:
            before.append(extended(record(b'GNU.sparse.map', b'0,%d' % fields['size'])
                                   + record(b'GNU.sparse.size', b'%d' % fields['size'])
                                   + record(b'GNU.sparse.name', pick([name, self.other()]))))
        return name, content

    def records(self, name, fields, content):
        pick, size = self.random.choice, fields['size']
        choices = [
            (b'path', name), (b'path', self.other()), (b'path', b''), (b'linkpath', b'b'), (b'linkpath', b''),
            (b'size', b'%d' % size), (b'size', b'0'), (b'size', b'512'), (b'size', b'+%d' % size), (b'size', b''),
            (b'size', b'0%d' % size), (b'mtime', b'7.5'), (b'mtime', b''), (b'uid', b'7'), (b'comment', b'text'),
            (b'hdrcharset', b'BINARY'), (b'SCHILY.realsize', b'3'), (b'SCHILY.xattr.user.a', b'1'), (b'path', b'a\0b'),
            (b'path', name + b'/'), (b'GNU.sparse.name', self.other()), (b'path\0', self.other()), (b'', b'a'),
            (b'SUN.holesdata', b' 0 4'), (b' path', self.other()), (b'Path', self.other())]
        text = b''
        for key, value in self.random.choices(choices, k=pick([1, 1, 2, 3])):
            text += record(key, value, pick([b''] * 9 + [b'+', b'0', b' ']))
        return text + pick([b''] * 9 + [b'\0', b'\0' * 20])

    def upper(self):
        """A second layer that may change the store by way of symlinks and removals."""
        pick = self.random.choice
        links = [PATH, b'/' + PATH, b'nix', b'/', PATH + b'/d', b'nix/store', b'y', b'./nix/./store', b'a/../nix',
                 b'../../' + PATH, b'elsewhere', b'/x/..']
        names = [b'x', b'y', b'nix', b'nix/store', PATH, PATH + b'/d', PATH + b'/c', b'elsewhere', b'x/d', b'x/store',
                 b'nix/store/foo', b'x/nix']
        parts = []
        for _ in range(self.random.randrange(1, 5)):
            name, kind = pick(names), self.random.randrange(7)
            if kind < 2:
                parts.append(header(name, b'2', link=pick(links)))
            elif kind == 2:
                parts.append(header(name + pick([b'/', b'']), b'5', mode=0o755))
            elif kind < 5:
                name += pick([b'/a', b'/d/e', b'/' + NAME.encode() + b'/a', b'/store/' + NAME.encode() + b'/b', b'/g'])
                parts.append(header(name, size=4) + pad(b'evil'))
            elif kind == 5:
                above, _, last = name.rpartition(b'/')
                parts.append(header((above + b'/' if above else b'') + pick([b'.wh.' + last, b'.wh..wh..opq', b'.wh.',
                                                                            b'.wh..', b'.wh.a'])))
            else:
                parts.append(header(b'linked', b'1', link=name + pick([b'/a', b'', b'/d/e']), mode=0o444))
        return b''.join(parts) + b'\0' * 1024


def nar(path):
    """The NAR of a file; None if the store cannot have it."""
    def text(*words):
        return b''.join(struct.pack('<Q', len(word)) + word + b'\0' * (-len(word) % 8) for word in words)

    if os.path.islink(path):
        return text(b'(', b'type', b'symlink', b'target', os.readlink(os.fsencode(path)), b')')
    if os.path.isfile(path):
        executable = [b'executable', b''] if os.stat(path).st_mode & 0o100 else []
        with open(path, 'rb') as file:
            return text(b'(', b'type', b'regular', *executable, b'contents', file.read(), b')')
    if not os.path.isdir(path):
        return None
    result = text(b'(', b'type', b'directory')
    for name in sorted(os.listdir(os.fsencode(path))):
        node = nar(os.path.join(os.fsencode(path), name))
        if node is None:
            return None
        result += text(b'entry', b'(', b'name', name, b'node') + node + text(b')')
    return result + text(b')')


def archive(path):
    """The NAR of the store path in a root directory, or a word that says what is there instead."""
    store = os.path.join(path, 'nix/store')
    for part in ('nix', 'nix/store'):
        if os.path.islink(os.path.join(path, part)):
            return 'a symlink above the store'
    if not os.path.lexists(os.path.join(store, NAME)):
        return 'absent'
    body = nar(os.path.join(store, NAME))
    if body is None:
        return 'a special file'
    return struct.pack('<Q', 13) + b'nix-archive-1\0\0\0' + body


def image(path, layers):
    os.makedirs(path + '/blobs/sha256')

    def blob(data, **more):
        digest = hashlib.sha256(data).hexdigest()
        with open(f'{path}/blobs/sha256/{digest}', 'wb') as file:
            file.write(data)
        return dict(digest='sha256:' + digest, size=len(data), **more)

    types = 'application/vnd.oci.image.'
    blobs = [blob(layer, mediaType=types + 'layer.v1.tar') for layer in layers]
    config = dict(architecture='amd64', os='linux', config={},
                  rootfs=dict(type='layers', diff_ids=[layer['digest'] for layer in blobs]))
    manifest = dict(schemaVersion=2, mediaType=types + 'manifest.v1+json', layers=blobs,
                    config=blob(json.dumps(config).encode(), mediaType=types + 'config.v1+json'))
    entry = blob(json.dumps(manifest).encode(), mediaType=types + 'manifest.v1+json',
                 annotations={'org.opencontainers.image.ref.name': 't'})
    for name, value in (('index.json', dict(schemaVersion=2, manifests=[entry])),
                        ('oci-layout', dict(imageLayoutVersion='1.0.0'))):
        with open(f'{path}/{name}', 'w') as file:
            json.dump(value, file)


def run(command, **options):
    return subprocess.run(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=20,
                          **options)


def read_python(file, root):
    with tarfile.open(file, 'r:') as tar:
        tar.extraction_filter = lambda member, _: member
        tar.errorlevel = 1
        members = tar.getmembers()
        # Python would leave the root directory.
        for member in members:
            member.name = member.name.lstrip('/')
        tar.extractall(root, members, numeric_owner=True)


def unpack(work, reader):
    """The store path as a reader unpacks it; None if the reader fails."""
    root = f'{work}/{reader}'
    try:
        if reader == 'umoci':
            done = run(['umoci', 'raw', 'unpack', '--image', f'{work}/image:t', root]).returncode == 0
        else:
            os.mkdir(root)
            command = [reader, '-xf', f'{work}/0.tar', '-C', root, '--numeric-owner']
            if reader == 'python':
                command = [sys.executable, '-I', __file__, '--read', f'{work}/0.tar', root]
            done = run(command).returncode == 0
        return archive(root) if done else None
    except (OSError, ValueError, subprocess.TimeoutExpired):
        return None


def verdict(repot, work, content):
    """'accepted', 'refused' or 'unchecked' for the image against a NAR, or 'altered' if repot reads another one."""
    with open(f'{work}/closure', 'w') as file:
        file.write(f'/nix/store/{NAME}\n{hashlib.sha256(content).hexdigest()}\n{len(content)}\n\n0\n')
    done = run([repot, 'verify', '--json', '--store-root', work, '--closure', f'{work}/closure', f'oci:{work}/image'])
    if done.returncode not in (0, 1):
        return f'status {done.returncode}'
    if not done.stdout:
        return 'refused' if done.returncode == 1 and done.stderr else f'silent with status {done.returncode}'
    report = json.loads(done.stdout)
    result = report.get('result', report)
    problems = {finding['problem'] for finding in result.get('findings', [])}
    if done.returncode == 0:
        return 'unchecked' if result['unchecked'] else 'accepted'
    return 'altered' if problems <= {'content', 'absent'} else 'refused'


def check(repot, seed, number, keep):
    """Runs a case. Returns the verdict and the failure, if there is one."""
    generator = Generator(f'{seed} {number}')
    has_upper = number % 2 == 1
    work = tempfile.mkdtemp(prefix='tar-readers-')
    try:
        if has_upper:
            plain = Generator('plain')
            base = b''.join(plain.member(n, entry.encode(), False) for n, entry in enumerate(ENTRIES)) + b'\0' * 1024
            layers, readers = [base, generator.upper()], ['umoci']
        else:
            layers, readers = [generator.layer()], ['tar', 'bsdtar', 'python', 'umoci']
        for position, layer in enumerate(layers):
            with open(f'{work}/{position}.tar', 'wb') as file:
                file.write(layer)
        image(f'{work}/image', layers)
        found = {reader: unpack(work, reader) for reader in readers}
        trees = {tree for tree in found.values() if tree is not None}
        contents = [tree for tree in trees if isinstance(tree, bytes)]
        if has_upper:
            os.mkdir(f'{work}/original')
            run(['tar', '-xf', f'{work}/0.tar', '-C', f'{work}/original'])
            contents = [archive(f'{work}/original')]
            trees |= set(contents)
        verdicts = [verdict(repot, work, content) for content in contents]
        failure = None
        if any('status' in word for word in verdicts):
            failure = f'repot ended with {verdicts}'
        elif len(trees) > 1 and 'accepted' in verdicts:
            failure = 'repot accepts a layer that unpacks differently'
        elif len(trees) == 1 and 'altered' in verdicts and not has_upper and None not in found.values():
            failure = 'repot reads another store path than all readers'
        if failure:
            names = {tree: name for name, tree in zip('ABCDEF', sorted(trees, key=repr))}
            failure = f'case {number}: {failure}: ' + ', '.join(
                f'{reader} {names.get(tree, "fails")}' for reader, tree in found.items()) + f'; {verdicts}'
            if keep:
                shutil.copytree(work, f'{keep}/{seed}-{number}', symlinks=True, dirs_exist_ok=True)
        word = verdicts[0] if len(set(verdicts)) == 1 else 'refused' if verdicts else 'unreadable'
        return ('disagreement, ' if len(trees) > 1 else '') + word, failure
    finally:
        shutil.rmtree(work, ignore_errors=True)


def honest(repot):
    """Archives of real writers have to be accepted. Returns the failures."""
    work = tempfile.mkdtemp(prefix='tar-readers-')
    failures = []
    try:
        tree = f'{work}/tree/nix/store/{NAME}'
        os.makedirs(tree + '/' + 'd' * 90 + '/' + 'e' * 90)
        for name, text in (('a', 'a'), ('b' * 100, 'b'), ('d' * 90 + '/' + 'e' * 90 + '/f', 'f')):
            with open(f'{tree}/{name}', 'w') as file:
                file.write(text)
        os.chmod(tree + '/a', 0o555)
        os.symlink('a' * 120, tree + '/z')
        content = archive(f'{work}/tree')
        writers = [['tar', '--sort=name', f'--format={form}', '--numeric-owner'] for form in ('gnu', 'oldgnu', 'pax')]
        writers += [['bsdtar', f'--format={form}'] for form in ('pax', 'gnutar')]
        writers += [['python', form] for form in ('GNU_FORMAT', 'PAX_FORMAT')]
        writers += [['umoci']]
        for number, writer in enumerate(writers):
            layer, place = f'{work}/{number}.tar', f'{work}/image'
            shutil.rmtree(place, ignore_errors=True)
            if writer[0] == 'python':
                with tarfile.open(layer, 'w', format=getattr(tarfile, writer[1])) as tar:
                    tar.add(f'{work}/tree/nix', 'nix')
            elif writer[0] != 'umoci':
                run(writer + ['-cf', layer, '-C', f'{work}/tree', 'nix'], check=True)
            if writer[0] == 'umoci':
                for step in (['init', '--layout', place], ['new', '--image', place + ':t'],
                             ['insert', '--image', place + ':t', f'{work}/tree/nix', '/nix']):
                    run(['umoci'] + step, check=True)
            else:
                with open(layer, 'rb') as file:
                    image(place, [file.read()])
            word = verdict(repot, work, content)
            # Some writers have an order of their own.
            if word not in ('accepted', 'unchecked'):
                failures.append(f'the archive of {" ".join(writer)} is {word}')
    finally:
        shutil.rmtree(work, ignore_errors=True)
    return failures


def main():
    # Readers may not write what a wrong size demands. Python's reader has endless loops, too.
    resource.setrlimit(resource.RLIMIT_FSIZE, (1 << 26, 1 << 26))
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    if sys.argv[1] == '--read':
        resource.setrlimit(resource.RLIMIT_CPU, (3, 3))
        resource.setrlimit(resource.RLIMIT_AS, (1 << 29, 1 << 29))
        read_python(*sys.argv[2:])
        return 0
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('repot')
    parser.add_argument('--seconds', type=int, default=60)
    parser.add_argument('--seed', type=int, default=1)
    parser.add_argument('--count', type=int)
    parser.add_argument('--case', type=int)
    parser.add_argument('--keep')
    options = parser.parse_args()
    if options.case is not None:
        print(*check(options.repot, options.seed, options.case, options.keep), sep='\n')
        return 0
    failures, verdicts, number, end = honest(options.repot), {}, 0, time.monotonic() + options.seconds
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        while time.monotonic() < end and (options.count is None or number < options.count):
            batch = range(number, number + 32)
            number = batch.stop
            for word, failure in pool.map(lambda n: check(options.repot, options.seed, n, options.keep), batch):
                verdicts[word] = verdicts.get(word, 0) + 1
                if failure:
                    failures.append(failure)
    print(*failures, sep='\n')
    print(f'{number} cases with seed {options.seed}: ' + ', '.join(f'{n} {w}' for w, n in sorted(verdicts.items())))
    print(f'{len(failures)} failed')
    return 1 if failures else 0


sys.exit(main())
