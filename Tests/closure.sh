#!/usr/bin/env bash
# REPOT=FILE closure.sh: `repot closure`, and every source of closures, against real Nix.
# shellcheck source=Tests/Scripts/start.sh
source "$(dirname "${BASH_SOURCE[0]}")/Scripts/start.sh"
need_root "it builds in /nix/store, mounts, and becomes another user"
need nix-bin python3 util-linux

open_workspace
unknown=/nix/store/00000000000000000000000000000000-repot-test
trap 'rmdir "$unknown" 2>/dev/null || true; umount "$work/mounted/nix" 2>/dev/null || true; rm -rf "$work" || true' EXIT
export NIX_CONFIG="$NIX_CONFIG
experimental-features = nix-command"

echo "Building a closure of 315 paths with Nix, twice, and one in a store elsewhere"
build() {
  local log
  log=$(nix-build -j2 "$@" 2>&1) || {
    echo "$log"
    exit 1
  }
}
build -o "$work/result" Tests/Fixtures/many.nix
# The structured attributes and the registration that a builder gets to see.
build -o "$work/exports" - <<'NIX'
  let closure = import ./Tests/Fixtures/many.nix; in
  derivation {
    name = "exports";
    system = builtins.currentSystem;
    builder = "/bin/bash";
    outputs = [ "out" ];
    __structuredAttrs = true;
    exportReferencesGraph.closure = [ closure ];
    args = [ "-c" "source ./.attrs.sh && /bin/cp .attrs.json \${outputs[out]}" ];
  }
NIX
build -o "$work/graph" - <<'NIX'
  let closure = import ./Tests/Fixtures/many.nix; in
  derivation {
    name = "graph";
    system = builtins.currentSystem;
    builder = "/bin/sh";
    exportReferencesGraph = [ "graph" closure ];
    args = [ "-euc" "/bin/cp graph $out" ];
  }
NIX
# A profile whose entries are links into other store paths.
build -o "$work/profile" - <<'NIX'
  let
    closure = import ./Tests/Fixtures/many.nix;
    make = name: script: derivation {
      inherit name;
      system = builtins.currentSystem;
      builder = "/bin/sh";
      args = [ "-euc" script ];
    };
    tool = make "tool-1.0" ''
      /bin/mkdir -p $out/bin
      printf '#!/bin/sh\n' >$out/bin/tool
      /bin/chmod +x $out/bin/tool
    '';
  in make "profile" ''
    /bin/mkdir -p $out/bin $out/share
    /bin/ln -s ${tool}/bin/tool $out/bin/tool
    /bin/ln -s ../bin/tool $out/bin/alias
    /bin/ln -s ${tool}/bin $out/sbin
    /bin/ln -s ${closure} $out/share/closure
    echo file >$out/file
  ''
NIX
cd "$work"
result=$(readlink result)
nix-store -qR result >list
nix-store --dump-db $(<list) >registration
nix path-info --json -r ./result >array.json
python3 - >object.json <<'PY'
import json
print(json.dumps({r["path"]: {k: v for k, v in r.items() if k != "path"} for r in json.load(open("array.json"))}))
PY
sort list >sorted
while read -r path; do
  echo "$path: $(nix-store -q --references "$path" | sort | paste -sd ' ')"
done <sorted >references

stop() {
  echo "$*"
  exit 1
}

same_set() { diff sorted <("$@" | sort); }
# References as `--json` tells them, in the form of the file above.
references_of() {
  python3 -c '
import json, sys
for p in sorted(json.load(sys.stdin)["paths"], key=lambda p: p["path"]):
    print(p["path"] + ": " + " ".join(sorted(p["references"])))'
}
same_references() { diff references <("$@" --json | references_of); }

dependencies_first() {
  ./repot closure result | python3 -c '
import sys
references = dict(l.rstrip("\n").split(": ", 1) if ": " in l else (l.rstrip(":\n"), "") for l in open("references"))
seen = set()
for path in sys.stdin.read().split():
    for reference in references[path].split():
        assert reference == path or reference in seen, (path, reference)
    seen.add(path)'
}

# What nothing leads to is not lost where it leads to itself.
cycle() {
  printf '[{"path":"%s","references":["%s"]},{"path":"%s","references":["%s"]},{"path":"%s","references":[]}]' \
    $(sed -n '1p;2p;2p;1p;3p' sorted) >cycle.json
  diff <(head -n 3 sorted) <(./repot closure --closure cycle.json | sort)
}
document() { same_set ./repot closure --closure "$1" && same_references ./repot closure --closure "$1"; }
without_programs() { PATH='' "$PWD/repot" closure --explain result 2>&1 >/dev/null | grep -x 'closure source: database' >/dev/null; }
as_user() { same_set "${user[@]}" ./repot closure --closure-from database result; }

# The store with its database, mounted where nothing can be written.
read_only() {
  mkdir -p mounted/nix
  mount --bind /nix mounted/nix
  mount -o remount,bind,ro mounted/nix
  same_set ./repot closure --store-root mounted --closure-from database "$result"
  same_set "${user[@]}" ./repot closure --store-root mounted --closure-from database "$result"
  umount mounted/nix
}
unchanged() { find /nix/var/nix/db -printf '%p %s %T@ %C@\n' | sort; }
leaves_the_database() {
  unchanged >before
  ./repot closure --closure-from database result >/dev/null
  diff before <(unchanged)
}

bare() {
  mkdir -p bare/nix/store
  xargs cp -a -t bare/nix/store <list
  ln -s /nix/store bare/nix/store/.links
  same_set ./repot closure --store-root bare --closure-from scan "$result"
  same_references ./repot closure --store-root bare --closure-from scan "$result"
  # Without a database, and Nix knows no such store either.
  same_set ./repot closure --store-root bare "$result" 2>log
  same_references ./repot closure --store-root bare --closure list
  PATH='' "$PWD/repot" closure --explain --store-root bare "$result" 2>&1 >/dev/null | grep -x 'closure source: scan' >/dev/null
}
elsewhere() {
  nix-store --export $(<list) | nix-store --store "$PWD/root" --import >/dev/null 2>&1
  local source
  for source in database nix scan auto; do
    same_set ./repot closure --store-root root --closure-from "$source" "$result" || stop "by $source"
  done
}
# A store of another name: what is built there is built for there.
other_directory() {
  local source path
  path=$(NIX_STORE_DIR=$PWD/own/store NIX_STATE_DIR=$PWD/own/var/nix nix-store --add "$1")
  for source in database nix scan auto; do
    [[ $(NIX_STORE_DIR=$PWD/own/store NIX_STATE_DIR=$PWD/own/var/nix \
      ./repot closure --store "$PWD/own/store" --closure-from "$source" "$path") == "$path" ]] || stop "by $source"
  done
  # Beside the store, also where nobody says so.
  [[ $(./repot closure --store "$PWD/own/store" --closure-from database "$path") == "$path" ]]
}
many_roots() {
  nix-instantiate --eval --read-write-mode --strict --json -E \
    'builtins.genList (n: builtins.toFile "file-with-a-name-as-long-as-some-are-${toString n}" "${toString n}") 3000' |
    tr -d '[]"' | tr ',' '\n' >roots
  local source
  for source in database nix scan; do
    diff <(sort roots) <(xargs -x ./repot closure --closure-from "$source" <roots | sort) || stop "by $source"
  done
  diff <(sort roots) <(./repot closure --closure - <roots | sort)
}

sizes() {
  ./repot closure --json result | python3 -c '
import json, subprocess, sys
ours = json.load(sys.stdin)
theirs = {r["path"]: r for r in json.loads(subprocess.check_output(["nix", "path-info", "--json", "-S", "-r", "./result"]))}
assert ours["narSize"] == sum(r["narSize"] for r in theirs.values())
for path in ours["paths"]:
    r = theirs[path["path"]]
    assert (path["narSize"], path["closureSize"]) == (r["narSize"], r["closureSize"]), path
root = [p for p in ours["paths"] if p["path"] in ours["roots"]]
assert [p["aloneSize"] for p in root] == [ours["narSize"]]'
}
table() {
  local last
  ./repot closure --sizes result >table
  [[ $(wc -l <table) == 317 ]]
  grep -q -- '-large-1.0$' <(sed -n 2p table)
  grep -q -- '-two-2.0-dev  (development output)$' table
  grep -q -- '-two-2.0  (static archives: ' table
  last=$(tail -n 1 table)
  [[ $last == "315 paths, "*"; 2 paths of build time"* ]] || stop "$last"
}
tree() {
  ./repot closure --tree result >tree
  [[ $(head -n 1 tree) == "$result" ]]
  diff sorted <(grep -o '/nix/store/[^ ]*' tree | sort -u)
}
why() {
  local target=$1 first path file
  ./repot closure --why "$target" result >chain
  first=$(head -n 1 chain)
  [[ $first == "$result" && $(tail -n 1 chain) == "$target" ]] || { cat chain && exit 1; }
  # Each file names the path after it.
  while read -r path && read -r file; do
    read -r next < <(grep -A 2 -Fx "$path" chain | tail -n 1)
    [[ $file == itself ]] && file=
    file=$path${file:+/$file}
    if [[ -L $file ]]; then [[ $(readlink "$file") == *${next:11:32}* ]]; else grep -qaF "${next:11:32}" "$file"; fi ||
      stop "$file does not name $next"
  done < <(sed '$d' chain)
}
# As many steps as the shortest way by the references that Nix knows.
shortest() {
  local steps
  steps=$(python3 - "$result" "$1" <<'PY'
import sys
references = dict(l.rstrip("\n").split(": ", 1) if ": " in l else (l.rstrip(":\n"), "") for l in open("references"))
wave, steps, seen = {sys.argv[1]}, 0, set()
while sys.argv[2] not in wave:
    seen |= wave
    wave = {r for p in wave for r in references[p].split()} - seen
    steps += 1
print(steps)
PY
)
  ./repot closure --why "$1" result >chain
  [[ $(grep -c '^/' chain) == $((steps + 1)) ]]
}
difference() {
  local below
  below=$(grep -- '-package309-' list)
  ./repot closure --diff "$below" result >diff
  grep -q '^ *added .* large 1.0$' diff
  grep -q '^ *added .* two 2.0, 2.0-dev$' diff
  grep -q '310 paths in common$' diff
  [[ $(./repot closure --diff list result) == "the closures have the same paths" ]]
  # A file of another closure, the other way round.
  nix-store -qR "$below" | ./repot closure --diff result --closure - | grep '^ *removed .* large 1.0$' >/dev/null
}

# Operands that nix-store resolves, and operands through a profile that it refuses.
operands() {
  local operand
  ln -sfn profile second
  for operand in profile second profile/bin/tool second/bin/alias profile/share/closure profile/sbin \
    "$PWD/profile/bin/tool/" "$(readlink profile)/bin/tool"; do
    nix-store -qR "$operand" | sort >expected
    [[ -s expected ]] && diff expected <(./repot closure "$operand" | sort) || stop "$operand"
  done
  nix-store -qR profile | sort >expected
  for operand in profile/bin profile/file profile/sbin/tool; do
    if nix-store -qR "$operand" 2>log; then stop "nix-store accepts $operand"; fi
    diff expected <(./repot closure "$operand" | sort) || stop "$operand"
  done
}
why_program() {
  local tool program
  tool=$(dirname "$(dirname "$(readlink profile/bin/tool)")")
  program=$(PATH=$PWD/profile/bin command -v tool)
  for program in "$program" tool tool-1.0 "$tool"; do
    diff <(readlink profile && echo "  bin/tool" && echo "$tool") <(./repot closure profile --why "$program") ||
      stop "--why $program"
  done
  [[ $(./repot closure profile/bin/tool --diff profile/bin/alias) == "the closures have the same paths" ]]
}

# breaks WORD ARGUMENT...: exit status 1, the set on standard output all the same, and a line with that word.
breaks() {
  local word=$1 status=0
  shift
  ./repot closure "$@" result >out 2>err || status=$?
  ((status == 1)) || stop "exit status $status"
  diff sorted <(sort out)
  grep -q -- "$word" err || stop "no '$word' in: $(<err)"
}
write_error_is_told() {
  local status=0
  ./repot closure result 2>err >/dev/full || status=$?
  ((status == 1)) && grep -qx 'repot: write error' err
}
keeps() { same_set ./repot closure --max-size 1G --max-paths 315 --deny '^gcc' --deny 'package.*-2' result; }

# refuses WORD ARGUMENT...: exit status 1 or 64 and a message with that word; nothing on standard output.
refuses() {
  local word=$1 status=0
  shift
  ./repot closure "$@" >out 2>err || status=$?
  [[ $status == 1 || $status == 64 ]] || stop "exit status $status"
  [[ ! -s out ]] || stop "it said: $(head -n 3 out)"
  grep -q -- "$word" err || stop "no '$word' in: $(<err)"
}
refuses_document() {
  printf '%b' "$2" >bad
  refuses "$1" --closure bad
}

for source in database nix scan; do
  check "$source: the set of nix-store -qR" same_set ./repot closure --closure-from "$source" result
  check "$source: the references of nix-store -q --references" same_references ./repot closure --closure-from "$source" result
done
check "each path comes after those that it refers to" dependencies_first
check "--closure: a plain list, whose references are scanned" document list
check "--closure: nix-store --dump-db" document registration
check "--closure: nix path-info --json, the array of Nix to 2.18" document array.json
check "--closure: nix path-info --json, the object of Nix from 2.19 on" document object.json
check "--closure: .attrs.json with exportReferencesGraph" document exports
check "--closure: the file of exportReferencesGraph" document graph
check "--closure: a cycle beside something else" cycle
check "without nix in PATH the database tells" without_programs
check "as a user, from root's database" as_user
check "the database of a store that is mounted read-only" read_only
check "nothing of the database is touched" leaves_the_database
check "a store without a database and without Nix is scanned" bare
check "a store below another root, by each source" elsewhere
check "a store of another directory, by each source" other_directory "$work/list"
check "3,000 roots, more than one call of nix-store takes" many_roots
check "sizes are those of nix path-info -S" sizes
check "--sizes: the largest first, and what looks like build time" table
check "--tree: the root first, and each path" tree
check "--why: a file for each step" why "$(grep -- '-package0-' list)"
check "--why: as short as can be" shortest "$(grep -- '-package0-' list)"
check "--why: what only the large file names" why "$(grep -- '-package309-' list)"
check "--diff: by name and version" difference
check "operands resolve as nix-store resolves them" operands
check "--why takes a program that the shell finds, and the name of a package" why_program
check "output that is full is an error" write_error_is_told
check "--max-size, --max-paths and --deny that are kept" keeps
check "--max-size: the offender and the chain to it" breaks "-large-1.0', by way of $result -> " --max-size 10M
check "--max-paths: what brings most" breaks "has 315 paths, 1 more" --max-paths 314
check "--deny: each offender and the chain to it" breaks "-two-2.0-dev' is denied by '-dev\$', by way of $result" --deny '-dev$'
check "refuses an expression that is none" refuses "deny" --deny '(' result
check "refuses a size that is none" refuses "max-size" --max-size much result
check "refuses a root outside the store" refuses "not in the store" /usr
check "refuses a path that does not belong to the closure" refuses "does not belong" --why "$result" "$(grep -- '-package0-' list)"
mkdir -p "$unknown"
check "refuses a root that the database does not know" refuses "is not valid" \
  --closure-from database "$unknown"
check "refuses a store without a database, when asked for it" refuses "no Nix database" \
  --store-root bare --closure-from database "$result"
check "a bad list: the line" refuses_document "line 2" "$result\n/etc/passwd\n"
check "a registration that ends too soon" refuses_document "ends in the middle" "$result\n\n2\n$result\n"
check "a registration with a bad hash" refuses_document "line 7" "$(head -n 6 registration)\nno hash\n"
check "JSON that ends too soon: the line" refuses_document "line 2" '[{"path":"/x",\n"references":['
check "JSON with a wrong value: the key" refuses_document "\[0\].narSize" "[{\"path\":\"$result\",\"references\":[],\"narSize\":\"x\"}]"
check "JSON with a path that is not valid" refuses_document "is not valid" "{\"$result\":null}"
check "a document that names a missing path" refuses_document "does not exist" \
  "/nix/store/00000000000000000000000000000000-missing\n"
summary
