"""Layers of images, described by lines.

layers.py save FILE:  reads layers from standard input, with empty lines between them, and writes an image as
                      'docker save' does. A line is TYPE MODE UID:GID MTIME PATH [TARGET or CONTENT].
layers.py diff FILE LAYOUT: unpacks both images in memory and prints the lines that only the second one has (+)
                      and that only the first one has (-). The entries of the store are left out.
"""
import hashlib, io, json, sys, tarfile

TYPES = {'d': tarfile.DIRTYPE, 'l': tarfile.SYMTYPE, 'f': tarfile.REGTYPE, 'h': tarfile.LNKTYPE, 'p': tarfile.FIFOTYPE,
         'c': tarfile.CHRTYPE}


def save(file):
    layers = []
    for text in sys.stdin.read().rstrip().split('\n\n'):
        blob = io.BytesIO()
        with tarfile.open(fileobj=blob, mode='w', format=tarfile.PAX_FORMAT) as tar:
            for line in text.strip('\n').split('\n'):
                kind, mode, owner, time, path, *rest = line.split(' ')
                records, rest = [word for word in rest if '=' in word], [word for word in rest if '=' not in word]
                member = tarfile.TarInfo(path)
                member.type, member.mode, member.mtime = TYPES[kind], int(mode, 8), float(time)
                member.uid, member.gid = map(int, owner.split(':'))
                member.pax_headers = dict(record.split('=') for record in records)
                content = rest[0].encode() if kind == 'f' and rest else b''
                member.size, member.linkname = len(content), rest[0] if kind in 'lh' and rest else ''
                tar.addfile(member, io.BytesIO(content))
        layers.append(blob.getvalue())
    ids = ['sha256:' + hashlib.sha256(layer).hexdigest() for layer in layers]
    config = {'architecture': 'amd64', 'os': 'linux', 'rootfs': {'diff_ids': ids}}
    names = [f'{number}.tar' for number in range(len(layers))]
    manifest = [{'Config': 'config.json', 'RepoTags': None, 'Layers': names}]
    with tarfile.open(file, 'w') as tar:
        for name, content in [('config.json', json.dumps(config).encode()), *zip(names, layers),
                              ('manifest.json', json.dumps(manifest).encode())]:
            member = tarfile.TarInfo(name)
            member.size = len(content)
            tar.addfile(member, io.BytesIO(content))


def layers_of_file(file):
    with tarfile.open(file) as tar:
        for name in json.load(tar.extractfile('manifest.json'))[0]['Layers']:
            yield tar.extractfile(name).read()


def layers_of_layout(layout):
    def blob(descriptor):
        return open(f"{layout}/blobs/sha256/{descriptor['digest'].split(':')[1]}", 'rb').read()

    for layer in json.loads(blob(json.load(open(f'{layout}/index.json'))['manifests'][0]))['layers']:
        yield blob(layer)


def unpack(layers):
    """Source: OCI image specification, layer.md, 'Applying Changesets'."""
    root = {}

    def remove(path):
        for other in [other for other in root if other == path or other.startswith(path + '/')]:
            del root[other]

    for layer in layers:
        with tarfile.open(fileobj=io.BytesIO(layer)) as tar:
            members = tar.getmembers()
            contents = {member.name: tar.extractfile(member).read() for member in members if member.isreg()}
        for member in members:
            parent, _, name = member.name.rpartition('/')
            if name.startswith('.wh.'):
                remove(f'{parent}/{name[4:]}'.lstrip('/'))
        for member in members:
            parent, _, name = member.name.rpartition('/')
            if name.startswith('.wh.'):
                continue
            old = root.get(member.name)
            if old and not (old[0] == 'd' and member.isdir()):
                remove(member.name)
            for count in range(1, member.name.count('/') + 1):
                above = '/'.join(member.name.split('/')[:count])
                if root.setdefault(above, ('d', '755', '0:0', '1'))[0] != 'd':
                    sys.exit(f'{member.name}: {above} is not a directory')
            kind = 'd' if member.isdir() else 'l' if member.issym() else 'f'
            records = [f'{key}={value}' for key, value in sorted(member.pax_headers.items()) if key.startswith('SCHILY')]
            text = [member.linkname] if member.issym() else [contents[member.name].decode().replace('\n', '|')] if member.isreg() else []
            root[member.name] = (kind, f'{member.mode:o}', f'{member.uid}:{member.gid}', f'{member.mtime:g}', *text,
                                 *records)
    return root


def lines(layers):
    root = unpack(layers).items()
    return {' '.join([kind, mode, owner, time, path, *rest]) for path, (kind, mode, owner, time, *rest) in root
            if not ('/store/' in path and '-' in path)}


if sys.argv[1] == 'save':
    save(sys.argv[2])
else:
    old, new = lines(layers_of_file(sys.argv[2])), lines(layers_of_layout(sys.argv[3]))
    print(*sorted(['+' + line for line in new - old] + ['-' + line for line in old - new]), sep='\n')
