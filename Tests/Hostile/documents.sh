# Text from outside that a terminal would obey, and small documents that need much time or memory.
# shellcheck shell=bash

# A store with one path, its registration, and a Python module that makes images of it.
make_closure() {
  path=/nix/store/00000000000000000000000000000000-app
  mkdir -p "s$path/bin"
  echo program >"s$path/bin/app"
  seal "s$path"
  repot stage -q --store-root s --closure <(echo $path) --registration out
  cp out/nix-path-registration registration
  store=(--store-root s --closure registration)
  cat >documents.py <<'PY'
import hashlib, io, json, os, sqlite3, sys, tarfile

ODD = 'x\x1b[2J\x9b\x7f\u202e\u2066\u2028\u200f\nrepot: forged\r\tend'
PATH = '/nix/store/00000000000000000000000000000000-app'

def blob(directory, content, **more):
    digest = hashlib.sha256(content).hexdigest()
    os.makedirs(directory + '/blobs/sha256', exist_ok=True)
    with open(directory + '/blobs/sha256/' + digest, 'wb') as file: file.write(content)
    return dict(digest='sha256:' + digest, size=len(content), **more)

def put(directory, value, **more): return blob(directory, json.dumps(value).encode(), **more)

TYPE = 'application/vnd.oci.image.'

def layout(directory, entries):
    with open(directory + '/oci-layout', 'w') as file: file.write('{"imageLayoutVersion":"1.0.0"}')
    with open(directory + '/index.json', 'w') as file:
        json.dump(dict(schemaVersion=2, manifests=entries), file)

def image(directory, names, config=None, type='layer.v1.tar', tag='t', platform=None, whole=None):
    """A layout with one layer, whose members have the names."""
    content = io.BytesIO()
    with tarfile.open(fileobj=content, mode='w', format=tarfile.PAX_FORMAT) as tar:
        for name in names:
            member = tarfile.TarInfo(name)
            member.mode = 0o6777
            tar.addfile(member)
    layer = blob(directory, content.getvalue(), mediaType=TYPE + type,
                 annotations={'io.repot.store-paths': PATH[11:]})
    if config is None: config = dict(os='linux', architecture='amd64')
    config['rootfs'] = dict(type='layers', diff_ids=[layer['digest']])
    manifest = dict(schemaVersion=2, mediaType=whole or TYPE + 'manifest.v1+json', layers=[layer],
                    config=put(directory, config, mediaType=TYPE + 'config.v1+json'))
    entry = put(directory, manifest, mediaType=TYPE + 'manifest.v1+json')
    entry['annotations'] = {'org.opencontainers.image.ref.name': tag}
    if platform: entry['platform'] = platform
    layout(directory, [entry])
    return layer, manifest

def docker_archive(file, tags, config='config.json', layers=()):
    with tarfile.open(file, 'w', format=tarfile.PAX_FORMAT) as tar:
        for name, content in [('manifest.json', [dict(Config=config, Layers=list(layers), RepoTags=tags)] * 2),
                              ('config.json', {})]:
            member, text = tarfile.TarInfo(name), json.dumps(content).encode()
            member.size = len(text)
            tar.addfile(member, io.BytesIO(text))

def database(directory, statements):
    os.makedirs(directory + '/nix/var/nix/db')
    connection = sqlite3.connect(directory + '/nix/var/nix/db/db.sqlite')
    for statement in statements: connection.execute(*statement) if type(statement) is tuple else connection.execute(statement)
    connection.commit()
    connection.close()
    # A database that was just written is read again after a pause.
    os.utime(directory + '/nix/var/nix/db/db.sqlite', (1, 1))
PY
}
make() { python3 -c "from documents import *
$1"; }

# obeys_nothing COMMAND...: all output is printable, in lines that repot has begun.
obeys_nothing() {
  "$@" >output 2>&1 || true
  [[ -s output ]] || fail "no output: $*"
  python3 - "$*" <<'PY' || exit 1
import re, sys, unicodedata
text = open('output', 'rb').read().decode()
odd = [c for c in text if c != '\n' and unicodedata.category(c) in ('Cc', 'Cf', 'Zl', 'Zp')]
if odd or re.search('^repot: forged', text, re.M) or 'forged' not in text:
    print(sys.argv[1], repr(odd), repr(text[:1000]))
    sys.exit(1)
PY
}

images_obey_nothing() {
  make_closure
  make "image('names', [ODD, ODD, '.wh.' + ODD, PATH[1:] + '/' + ODD])"
  obeys_nothing repot verify "${store[@]}" oci:names
  obeys_nothing repot verify "${store[@]}" --json oci:names
  make "image('type', ['x'], type=ODD)"
  obeys_nothing repot image "${store[@]}" -o oci:new:t --base oci:type:t
  make "image('whole', ['x'], whole=ODD)"
  obeys_nothing repot verify "${store[@]}" oci:whole
  make "image('tag', ['x'], tag=ODD)"
  obeys_nothing repot image "${store[@]}" -o oci:new:t --base oci:tag:t
  make "image('platform', ['x'], platform=dict(os=ODD, architecture=ODD))"
  obeys_nothing repot verify "${store[@]}" oci:platform
  make "image('config', ['x'], dict(os=ODD, architecture=ODD))"
  obeys_nothing repot image "${store[@]}" -o oci:new:t --base oci:config:t
}
try "names, types, tags and platforms of images are printed with escapes" images_obey_nothing

archives_obey_nothing() {
  make_closure
  make "docker_archive('tags', [ODD])"
  obeys_nothing repot image "${store[@]}" -o oci:new:t --base docker-archive:tags
  make "docker_archive('config', ['a:b'], config=ODD)"
  obeys_nothing repot verify "${store[@]}" docker-archive:config
  make "docker_archive('layers', ['a:b'], layers=[ODD])"
  obeys_nothing repot verify "${store[@]}" docker-archive:layers
}
try "names in archives for Docker are printed with escapes" archives_obey_nothing

documents_obey_nothing() {
  make_closure
  make "open('list', 'w').write(ODD.replace('\n', ' ') + '\n')"
  obeys_nothing repot closure --closure list
  make "open('number', 'w').write(PATH + '\n\n' + ODD.split('\n')[0] + 'forged\n1\n' + '0' * 9 + '\n')"
  obeys_nothing repot closure --closure number
  local field
  for field in path=ODD narHash=ODD deriver=ODD storeDir=[ODD] references=[ODD] narSize=[ODD]; do
    make "json.dump([dict(dict(path=PATH, references=[]), $field)], open('json', 'w'))"
    obeys_nothing repot closure --store-root s --closure json
    make "json.dump({ODD: dict(references=[])}, open('json', 'w'))"
    obeys_nothing repot closure --closure json
  done
  make "open('key', 'w').write(json.dumps({ODD: 1}).replace(':', ''))"
  obeys_nothing repot closure --closure key
  obeys_nothing repot image "${store[@]}" -o oci:new:t --config key
  obeys_nothing repot stage --store-root s --closure <(echo $path) --prune "*/$(make "print(ODD, end='')")" new
}
try "closures, configurations and patterns are printed with escapes" documents_obey_nothing

databases_obey_nothing() {
  make_closure
  make "database('s', ['create table Refs(referrer, reference)',
    'create table ValidPaths(id integer primary key, path text, hash text, deriver text, narSize integer)',
    ('insert into ValidPaths values(1, ?, 0, ?, 1)', (PATH, ODD))])"
  obeys_nothing repot closure --store-root s --closure-from database $path
  rm -r s/nix/var
  make "database('s', ['create table \"' + ODD + '\"(x)', 'pragma writable_schema=on',
    'update sqlite_master set sql = 0'])"
  obeys_nothing repot closure --store-root s --closure-from database $path
}
try "text of databases and messages of SQLite are printed with escapes" databases_obey_nothing

programs_obey_nothing() {
  make_closure
  mkdir bin
  printf '#!/bin/sh\nprintf "forged \\033[2J \\302\\233\\r\\n" >&2; exit 3\n' | tee bin/docker >bin/nix-store
  chmod 755 bin/*
  obeys_nothing env PATH="$PWD/bin:$PATH" "$work/repot" closure --store-root s --closure-from nix $path
  obeys_nothing env PATH="$PWD/bin:$PATH" "$work/repot" image "${store[@]}" -o docker-daemon:a:b
}
try "messages of other programs are printed with escapes" programs_obey_nothing

arguments_obey_nothing() {
  local odd
  odd=$(python3 -c "print('\x1b[2J\u202e\nrepot: forged\r', end='')")
  touch file
  mkdir -p "from/$odd" to
  touch "from/$odd/file"
  obeys_nothing repot closure x "--$odd"
  obeys_nothing repot closure "$odd"
  obeys_nothing repot stage x y "--jobs=$odd"
  obeys_nothing repot image -o "$odd" x
  obeys_nothing repot "$odd"
  obeys_nothing repot cp "--$odd" file to
  obeys_nothing as_cp "--$odd" file to
  obeys_nothing as_cp "--preserve=$odd" file to
  obeys_nothing as_cp "--backup=$odd" file to
  obeys_nothing as_cp -v --parents "from/$odd/file" to
  obeys_nothing repot cp -Rv from copy
}
try "names in arguments are printed with escapes" arguments_obey_nothing

# ends_within SECONDS COMMAND...: and in 512 MiB of memory, whatever its exit status.
ends_within() {
  local begin=$SECONDS
  (/usr/bin/time -o cost -f '%M' timeout 60 "$work/repot" "${@:2}" >output 2>message) || true
  ((SECONDS - begin <= $1)) || fail "ended after $((SECONDS - begin)) s: ${*:2}"
  (($(tail -n 1 cost) <= 512 * 1024)) || fail "$(tail -n 1 cost) KiB: ${*:2}"
}
refuses_within() {
  ends_within "$@"
  grep '^repot: ' message >/dev/null || fail "no message: ${*:2}"
}

prunes_within_limits() {
  make_closure
  repot stage -q "${store[@]}" --prune '*/none' pruned 2>/dev/null
  make "
with open('pruned/nix-path-pruned', 'w') as f:
    for i in range(100000): print('glob */g%d/doc' % i, file=f)
    for i in range(2000): print('path /nix/store/%032d-p sha256:%s 30864 1000' % (i, '0' * 52), file=f)"
  ends_within 4 verify --store-root s pruned
  grep 'complete and unaltered' message >/dev/null
  make "open('pruned/nix-path-pruned', 'w').writelines('glob *%d*/doc\n' % i for i in range(2000))"
  refuses_within 4 verify --store-root s pruned
  make "open('pruned/nix-path-pruned', 'w').writelines('glob ' + 'a/' * 100000 + '%d\n' % i for i in range(90))"
  refuses_within 4 verify --store-root s pruned
  make "open('pruned/nix-path-pruned', 'w').writelines(['glob ' + '*a' * 120 + 'b/*\n', 'glob */' + '**/' * 100000 + 'x\n'])"
  ends_within 4 verify --store-root s pruned
}
try "100,000 patterns in a record of pruned entries need little time, or are refused" prunes_within_limits

shows_long_chain() {
  make "pass" 2>/dev/null || true
  python3 - <<'PY'
import os
n = 20000; p = ['/nix/store/%032d-p' % i for i in range(n)]; os.makedirs('c/nix/store')
with open('chain', 'w') as f:
    for i in range(n): os.mkdir('c' + p[i]); print(p[i], '0' * 64, 1, '', *([1, p[i + 1]] if i + 1 < n else [0]), sep='\n', file=f)
PY
  local view
  for view in --tree --json --sizes --why=/nix/store/00000000000000000000000000019999-p --max-paths=5; do
    ends_within 3 closure --store-root c --closure chain "$view"
  done
  repot closure --store-root c --closure chain --tree >tree
  [[ $(wc -l <tree) == 20000 ]]
  [[ $(tail -n 1 tree) == "[19999] └───/nix/store/00000000000000000000000000019999-p" ]]
  (($(wc -c <tree) < 4000000))
}
try "a chain of 20,000 store paths is shown in little memory" shows_long_chain

reads_large_documents_within_limits() {
  make_closure
  local kind
  for kind in "b'\n' * n" "b'[0' + b',0' * (n // 2) + b']'" "b'[' * n" "b'/nix/store/' + b'x' * n" \
    "b'{\"a\":' * n" "PATH.encode() + b'\n' + b'0' * 64 + b'\n1\n\n9000000\n' + (PATH.encode() + b'\n') * (n // 120)"; do
    make "n = 240 << 20; open('document', 'wb').write(($kind)[:n])"
    ends_within 20 closure --store-root s --closure document
    refuses_within 20 image "${store[@]}" -o oci:new:t --config document
    cp document out/nix-path-registration
    ends_within 20 verify --store-root s out
    repot image "${store[@]}" -q -o oci:large:t
    truncate -s 15M document
    cp document large/index.json
    ends_within 20 verify "${store[@]}" oci:large
    ends_within 20 image "${store[@]}" -o oci:new:t --base oci:large:t
    rm -r large
  done
  truncate -s 1G document
  refuses_within 20 closure --store-root s --closure document
  refuses_within 20 image "${store[@]}" -o oci:new:t --config document
  cp document out/nix-path-registration
  refuses_within 20 verify --store-root s out
  mkdir -p out/nix/var/nix/db
  truncate -s 1G out/nix-path-pruned
  refuses_within 20 verify --store-root s out
  repot image "${store[@]}" -q -o oci:large:t
  local name
  for name in oci-layout index.json; do
    truncate -s 1G "large/$name"
    ends_within 20 verify "${store[@]}" oci:large
    ends_within 20 image "${store[@]}" -o oci:large:t
    ends_within 20 image "${store[@]}" -o oci:new:t --base oci:large:t
  done
}
try "documents of 240 MiB and more need little memory, or are refused" reads_large_documents_within_limits

reads_repeated_parts_once() {
  make_closure
  make "
big = put('bomb', dict(schemaVersion=2, padding='x' * (15 << 20)), mediaType=TYPE + 'manifest.v1+json')
layout('bomb', [dict(big, annotations={'org.opencontainers.image.ref.name': '%d' % i}) for i in range(5000)])
layout('other', [dict(big, platform=dict(os='linux', architecture='%d' % i)) for i in range(5000)])
os.symlink('../bomb/blobs', 'other/blobs')" 2>/dev/null || make "
os.makedirs('other', exist_ok=True)
os.path.exists('other/blobs') or os.symlink('../bomb/blobs', 'other/blobs')
big = put('bomb', dict(schemaVersion=2, padding='x' * (15 << 20)), mediaType=TYPE + 'manifest.v1+json')
layout('other', [dict(big, platform=dict(os='linux', architecture='%d' % i)) for i in range(5000)])"
  ends_within 10 verify "${store[@]}" oci:bomb
  refuses_within 10 verify "${store[@]}" oci:other
  make "
entries = [put('deep', {}, mediaType=TYPE + 'manifest.v1+json')]
for level in range(4): entries = [put('deep', dict(schemaVersion=2, manifests=entries * 100), mediaType=TYPE + 'index.v1+json')]
layout('deep', entries * 100)"
  ends_within 10 verify "${store[@]}" oci:deep
  make "json.dump({'exportReferencesGraph': {'%d' % (i // 2): [] for i in range(200000)},
    **{'%d' % i: [] for i in range(100000)}}, open('graphs', 'w'))"
  ends_within 5 closure --closure graphs
  make "
names = ','.join(['\"a\":[]'] * 100000)
list = json.dumps([dict(path='/nix/store/%032d-p' % i, references=[]) for i in range(10000)])
open('graphs', 'w').write('{\"exportReferencesGraph\":{' + names + '},\"a\":' + list + '}')"
  ends_within 5 closure --closure graphs
  make "json.dump({'Env': ['A%d=1' % i for i in range(300000)]}, open('settings', 'w'))"
  ends_within 10 image "${store[@]}" -o oci:new:t --config settings
}
try "documents that are named again and again are read once" reads_repeated_parts_once

reads_databases_within_limits() {
  make_closure
  make "
rows = [(i, '/nix/store/%032d-p' % i) for i in range(50000)]
database('s', ['create table Refs(referrer, reference)',
  'create table ValidPaths(id integer, path text, hash text, deriver text, narSize integer)'])
connection = sqlite3.connect('s/nix/var/nix/db/db.sqlite')
connection.executemany('insert into ValidPaths values(?, ?, 0, null, 1)', rows)
connection.executemany('insert into Refs values(?, ?)', [(i, i + 1) for i in range(49999)])
connection.commit(); connection.close(); os.utime('s/nix/var/nix/db/db.sqlite', (1, 1))"
  refuses_within 8 closure --store-root s --closure-from database /nix/store/00000000000000000000000000000000-p
  cp -r s/nix/var out/nix/
  rm out/nix-path-registration
  ends_within 8 verify --store-root s out
}
try "a database without indexes is refused in little time" reads_databases_within_limits
