#!/usr/bin/env bash
# REPOT=FILE nix.sh: `repot stage` against real Nix.
# shellcheck source=Tests/Scripts/start.sh
source "$(dirname "${BASH_SOURCE[0]}")/Scripts/start.sh"
need_root "it builds in /nix/store, calls chroot, and becomes another user"
need nix-bin patchelf hello strace

open_workspace
# Hard links need a destination on the store's file system.
beside=/nix/repot-test.$$
trap 'rm -rf "$work" "$beside" || true' EXIT

echo "Building three closures with Nix, one of them with 20,000 files"
Tests/Scripts/closure.sh "$work"
nix-build -o "$work/many" - >"$work/log" 2>&1 <<'NIX' || { cat "$work/log" && exit 1; }
  derivation {
    name = "many";
    system = builtins.currentSystem;
    builder = "/bin/sh";
    PATH = "/usr/bin:/bin";
    args = [ "-euc" ''
      for folder in $(seq 100); do
        mkdir -p "$out/$folder/below"
        for file in $(seq 200); do echo "$folder $file" > "$out/$folder/below/$file"; done
      done
    '' ];
  }
NIX
nix-build -o "$work/other" - >"$work/log" 2>&1 <<NIX || { cat "$work/log" && exit 1; }
  derivation {
    name = "other";
    system = builtins.currentSystem;
    builder = "/bin/sh";
    args = [ "-euc" "echo uses \$data > \$out" ];
    data = (import $PWD/Tests/Fixtures/program.nix).data;
  }
NIX
nix-store -qR "$work/result" >"$work/list"
nix-store -qR "$work/many" >"$work/many.list"
mapfile -t closure <"$work/list"
program=$(readlink "$work/result")
many=$(readlink "$work/many")
mkdir "$beside"
cd "$work"

stop() {
  echo "$*"
  exit 1
}

# What DEST holds, and what Nix says that it should, as two lists to compare.
staged() { find "$1/nix/store" -mindepth 1 -maxdepth 1 -printf '/nix/store/%f\n' | sort; }
same_set() { diff <(nix-store -qR "${@:2}" | sort -u) <(staged "$1"); }

nar() { nix-store --dump "$1" | sha256sum | cut -d ' ' -f 1; }

same_nars() {
  local dest=$1 path hash registered
  shift
  for path; do
    hash=$(nar "$dest$path")
    registered=$(nix-store -q --hash "$path")
    [[ $hash == "$(nar "$path")" ]] || stop "$path: not the bytes in the store"
    [[ $hash == "$(nix-hash --type sha256 --to-base16 "${registered#sha256:}")" ]] ||
      stop "$path: not the hash in Nix's database"
  done
}

# metadata ROOT PATH...: what a NAR does not hold.
metadata() { (cd "$1/nix/store" && find "${@##*/}" -printf '%p %y %m %U:%G %T@ %l\n' | sort); }
same_metadata() { diff <(metadata / "${@:2}") <(metadata "$@"); }

# Any change to a source shows here, because nobody can set the change time.
sources() { find "${closure[@]}" "$many" -printf '%p %i %m %U:%G %s %n %T@ %C@ %l\n' | sort; }
contents() { find "${closure[@]}" "$many" -printf '%p %i %m %U:%G %s %T@ %l\n' | sort && nar "$many"; }

stage_runs() {
  ./repot stage ./result out --symlink /app=./result
  [[ $(find out out/nix -mindepth 1 -maxdepth 1 -printf '%P\n' | sort | paste -sd ' ') == "app nix store" ]] ||
    stop "more than nix/store and app in the destination"
}
program_runs() { [[ $(chroot "$1" "$2") == 'Hello, world!' ]]; }
adds_plainly() {
  diff <(stat -c '%n %a %u:%g %Y' out/nix out/nix/store) <(printf '%s 755 0:0 1\n' out/nix out/nix/store)
}
same_duplicate() {
  local folder data kinds=()
  data=$(printf '%s\n' "${closure[@]##*/}" | grep -e '-data$')
  for folder in "/nix/store" "out/nix/store"; do
    folder+=/$data
    [[ -e $folder/deep/large ]] || stop "$folder/deep/large is missing"
    kinds+=("$(test "$folder/deep/large" -ef "$folder/deep/deeper/duplicate" && echo linked || echo apart)")
  done
  [[ ${kinds[0]} == "${kinds[1]}" ]] || stop "in the store ${kinds[0]}, staged ${kinds[1]}"
}
shares_no_inode() {
  [[ -e out$program ]] || stop "$program is missing"
  [[ -z $(comm -12 <(find "${closure[@]}" -printf '%D %i\n' | sort -u) <(find out -printf '%D %i\n' | sort -u)) ]]
}

changes() { find "$1" -printf '%p %i %T@ %C@\n' | sort; }
second_is_noop() {
  changes out >before
  ./repot stage ./result out --symlink /app=./result
  diff before <(changes out)
}
second_is_cheap() {
  local calls
  ./repot stage --closure many.list many.out
  strace -f -c -o calls ./repot stage --closure many.list many.out
  calls=$(awk '$NF == "total" { print $4 }' calls)
  ((calls < 2000)) || stop "$calls system calls for $(wc -l <many.list) store path that is there already"
}

root_is() {
  ./repot stage "$2" "$1"
  same_set "$1" ./result
}
unites() {
  ./repot stage ./result united
  ./repot stage ./other united
  same_set united ./result ./other
  ./repot stage ./other ./result united-at-once
  same_set united-at-once ./result ./other
  same_nars united "${closure[@]}" "$(readlink other)"
}
unites_into_read_only() {
  mkdir -p read-only/nix/store
  chown -R 65534:65534 read-only
  chmod 555 read-only/nix/store read-only/nix
  "${user[@]}" ./repot stage --closure list read-only
  same_set read-only ./result
}

# survives_kill DEST [RUNNER...]: SIGKILL in the middle, several times; then the same command completes the work.
survives_kill() {
  local dest=$1 command pid delay status interrupted=0
  shift
  mkdir "${dest%/*}"
  chown 65534:65534 "${dest%/*}"
  command=("$@" ./repot stage --closure many.list "$dest")
  for delay in 0 0.02 0.1 0.2; do
    "${command[@]}" &
    pid=$!
    until [[ -n $(find "$dest/nix/store" -mindepth 2 -print -quit 2>/dev/null) ]] || ! kill -0 "$pid" 2>/dev/null; do
      sleep 0.005
    done
    sleep "$delay"
    kill -KILL "$pid" 2>/dev/null || true
    status=0
    wait "$pid" 2>/dev/null || status=$?
    if [[ -e $dest$many ]]; then
      same_nars "$dest" "$many"
      # The next round has something to do again.
      chmod -R u+w "$dest"
      rm -r "$dest"
    elif ((status == 137)); then
      interrupted=$((interrupted + 1))
    fi
  done
  ((interrupted > 0)) || stop "repot was too fast to be killed in the middle"
  "${command[@]}"
  same_nars "$dest" "$many"
  same_set "$dest" ./many
  [[ -z $(find "$dest" -name '.repot-*' -print -quit) ]] || stop "a temporary name is left"
}

# refuses WORD ARGUMENT...: exit status 1, a message with that word, and no destination.
refuses() {
  local word=$1 message status=0
  shift
  rm -rf refused
  message=$(./repot stage "$@" refused 2>&1) || status=$?
  [[ ! -e refused ]] || stop "the destination was made"
  ((status == 1)) || stop "exit status $status: $message"
  [[ $message == *"$word"* ]] || stop "no '$word' in: $message"
}
refuses_line() {
  { cat list && echo "$1"; } >bad.list
  refuses "${1##*/}" --closure bad.list
}

from_input() {
  ./repot stage --closure - input.out <list
  same_set input.out ./result
}
dry_run() {
  ./repot stage --dry-run ./result dry
  [[ ! -e dry ]] || stop "the destination was made"
}
# Only the other store holds this name, so it cannot come from /nix/store.
other_store() {
  local name=/nix/store/00000000000000000000000000000000-elsewhere
  mkdir -p elsewhere/nix/store
  cp -a "$program" "elsewhere$name"
  echo "$name" | ./repot stage --store-root elsewhere --closure - elsewhere.out
  [[ $(nar "elsewhere.out$name") == "$(nar "$program")" ]]
}

inodes() { (cd "$1/nix/store" && find "${closure[@]##*/}" -type f ! -empty -printf '%p %i\n' | sort); }
links() {
  ./repot stage --strategy hardlink ./result "$beside/out"
  diff <(inodes /) <(inodes "$beside/out")
  same_nars "$beside/out" "${closure[@]}"
  same_metadata "$beside/out" "${closure[@]}"
}

stage_as_user() {
  install -d -o 65534 -g 65534 user
  "${user[@]}" ./repot stage --closure list user/out
  same_set user/out ./result
  same_nars user/out "${closure[@]}"
  diff <(metadata / "${closure[@]}" | sed 's/ [0-9]*:[0-9]* / /') \
    <(metadata user/out "${closure[@]}" | sed 's/ [0-9]*:[0-9]* / /')
  changes user/out >before
  "${user[@]}" ./repot stage --closure list user/out
  diff before <(changes user/out)
}
# The kernel forbids linking to files that one can only read (fs.protected_hardlinks).
links_as_user() {
  install -d -o 65534 -g 65534 "$beside/user"
  "${user[@]}" ./repot stage --strategy hardlink --closure list "$beside/user/out"
  same_nars "$beside/user/out" "${closure[@]}"
}

sources >sources.before
contents >contents.before

check "stages a closure, with /app" stage_runs
check "the staged set is nix-store -qR's" same_set out ./result
check "every NAR hash is Nix's own" same_nars out "${closure[@]}"
check "modes, owners, times and link targets are the store's" same_metadata out "${closure[@]}"
check "nix and nix/store: 0755, 0:0, time 1" adds_plainly
check "files that share an inode in the store share one staged" same_duplicate
check "no inode is shared with the store" shares_no_inode
check "the program runs in a chroot" program_runs out "$program/bin/hello"
check "the program runs in a chroot through /app" program_runs out /app/bin/hello
check "a second run changes no inode and no time" second_is_noop
check "a second run does not look at 20,000 files" second_is_cheap
check "a root may be a store path" root_is root-path "$program"
check "a root may lie inside a store path" root_is root-inside ./result/bin/hello
check "a root may end in a slash" root_is root-slash ./result/
check "two closures unite in one destination" unites
check "kill -9, then the same command completes" survives_kill killed/out
check "--closure -: from standard input" from_input
check "--dry-run writes nothing" dry_run
check "--store-root: from a store elsewhere" other_store
check "as a user: closure of root's read-only files, twice" stage_as_user
check "as a user: into 0555 nix and nix/store that exist" unites_into_read_only
check "as a user: kill -9, then the same command completes" survives_kill killed-user/out "${user[@]}"
check "refuses a root outside the store" refuses /usr /usr
check "refuses a root that does not exist" refuses no-such-root ./no-such-root
check "refuses a store path that is missing" \
  refuses missing /nix/store/00000000000000000000000000000000-missing
check "refuses a list with a missing store path" refuses_line /nix/store/00000000000000000000000000000000-missing
check "refuses a list with a name that is no store path" refuses_line /nix/store/not-a-store-path
check "refuses a list with letters that no hash has" refuses_line /nix/store/eeeeeeeeeeeeeeeeeeeeeeeeeeeeeeee-name
check "refuses a list that leaves the store" refuses_line /nix/store/../../etc/passwd
check "refuses a list with a path outside the store" refuses_line /etc/passwd
check "refuses a list that does not exist" refuses no-such-list --closure no-such-list
check "refuses a list that is a directory" refuses /nix --closure /nix
check "refuses a link that leaves the closure" refuses /usr/bin/env --symlink /env=/usr/bin/env ./result
check "the store was not touched" diff sources.before <(sources)
check "--strategy hardlink: the store's inodes" links
check "--strategy hardlink as a user, who may not link" links_as_user
check "the store holds what it held" diff contents.before <(contents)
summary
