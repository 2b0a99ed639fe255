#!/usr/bin/env bash
# REPOT=FILE stage.sh: what `repot stage`, `tar` and `docker-build` add to a closure, leave out of it, and move, against real Nix.
# shellcheck source=Tests/Scripts/start.sh
source "$(dirname "${BASH_SOURCE[0]}")/Scripts/start.sh"
need_root "it builds in /nix/store, calls chroot, and becomes another user"
need nix-bin patchelf hello strace

open_workspace
trap 'chmod -R u+w "$work" && rm -rf "$work" || true' EXIT

echo "Building a closure, two certificate bundles and a profile with Nix"
Tests/Scripts/closure.sh "$work"
program_nix=$PWD/Tests/Fixtures/program.nix
build() {
  nix-build -o "$work/$1" - >"$work/log" 2>&1 || { cat "$work/log" && exit 1; }
}
for kind in one two; do
  build "cacert-$kind" <<NIX
    derivation {
      name = "cacert-$kind";
      system = builtins.currentSystem;
      builder = "/bin/sh";
      PATH = "/usr/bin:/bin";
      args = [ "-euc" "mkdir -p \$out/etc/ssl/certs; echo $kind > \$out/etc/ssl/certs/ca-bundle.crt" ];
    }
NIX
done
# As nixpkgs' buildEnv makes one: folders that only one side has are symlinks.
build profile <<NIX
  let program = import $program_nix; in
  derivation {
    name = "profile";
    system = builtins.currentSystem;
    builder = "/bin/sh";
    PATH = "/usr/bin:/bin";
    inherit program;
    inherit (program) data;
    args = [ "-euc" ''
      mkdir -p "\$out/share/doc" "\$out/nix-support" "\$out/etc"
      ln -s "\$program/bin" "\$out/bin"
      ln -s "\$program/etc/main.conf" "\$out/etc/main.conf"
      ln -s "\$data/deep" "\$out/share/deep"
      echo page > "\$out/share/doc/page"
      echo hook > "\$out/nix-support/setup-hook"
    '' ];
  }
NIX
nix-store -qR "$work/result" >"$work/list"
nix-store --dump-db $(cat "$work/list") >"$work/db"
mapfile -t closure <"$work/list"
program=$(readlink "$work/result")
data=$(echo "${closure[@]}" | tr ' ' '\n' | grep -e '-data$')
everything=(--skeleton --registration --profile ./profile --symlink /app=./result)
cd "$work"

stop() {
  echo "$*"
  exit 1
}
chroot_store() { nix-store --store "local?root=$PWD/$1" "${@:2}"; }

# Nix's own words are about its progress only.
accepted_by_nix() {
  local said
  chroot_store "$1" --load-db <"$1/nix-path-registration"
  said=$(chroot_store "$1" --verify --check-contents 2>&1)
  ! grep -vE '^(reading the Nix store|checking path existence|checking (link|store) hashes)\.\.\.$' <<<"$said" || return 1
  diff <(chroot_store "$1" -qR "${@:2}" | sort) <(nix-store -qR "${@:2}" | sort)
}
registers() {
  ./repot stage -q --registration "$@" registered
  accepted_by_nix registered "$program"
  chmod -R u+w registered && rm -r registered
}
registers_alike() {
  ./repot stage -q --registration ./result by-database
  ./repot stage -q --registration --closure-from scan ./result by-scan
  ./repot stage -q --registration --closure list by-list
  cmp by-database/nix-path-registration by-scan/nix-path-registration
  cmp by-database/nix-path-registration by-list/nix-path-registration
}

# Two closures in one root file system: the registration is that of both, whichever comes first.
extends_registration() {
  local second
  second=$(readlink cacert-one)
  ./repot stage -q --registration "$data" both
  ./repot stage -q --registration "$program" both
  ./repot stage -q --registration "$second" both
  accepted_by_nix both "$program" "$second"
  ./repot stage -q --registration "$second" swapped
  ./repot stage -q --registration "$program" swapped
  cmp both/nix-path-registration swapped/nix-path-registration
  ./repot verify -q both
  ./repot stage --registration "$data" lacking
  ./repot stage "$program" lacking 2>message
  grep "'lacking/nix-path-registration' does not have all store paths" message
}
# At whichever call a run is killed, the registration is the old one or the new one, and a second run completes it.
extends_registration_or_nothing() {
  local call n killed=0
  ./repot stage -q --registration "$program" complete
  cp complete/nix-path-registration registered.full
  for call in openat write fchmod renameat renameat2 unlinkat; do
    for n in 1 2 3 4 5 6; do
      rm -rf cut && ./repot stage -q --registration "$data" cut
      cp cut/nix-path-registration before
      strace -f -o /dev/null -e "inject=$call:signal=KILL:when=$n" \
        ./repot stage -q --registration "$program" cut 2>/dev/null || killed=$((killed + 1))
      cmp -s cut/nix-path-registration before || cmp cut/nix-path-registration registered.full
      ./repot stage -q --registration "$program" cut
      cmp cut/nix-path-registration registered.full
      [[ $(ls -A cut | tr '\n' ' ') == 'nix nix-path-registration ' ]]
    done
  done
  ((killed >= 12)) || stop "repot was killed $killed times only"
}
# At whichever call a run is killed, the entries of the first profile stay, and a second run adds the others.
second_profile_or_nothing() {
  local call n killed=0
  mkdir -p first/share/doc second/share/doc
  echo a >first/share/doc/a
  echo b >second/share/doc/b
  local first second
  first=$(nix-store --add ./first)
  second=$(nix-store --add ./second)
  ./repot stage -q --profile "$first" --profile "$second" together
  for call in mkdirat symlinkat utimensat renameat2 unlinkat; do
    for n in 1 2 3 4 5 6; do
      rm -rf cut && ./repot stage -q --profile "$first" cut
      [[ -L cut/share/doc ]]
      strace -f -o /dev/null -e "inject=$call:signal=KILL:when=$n" \
        ./repot stage -q --profile "$second" cut 2>/dev/null || killed=$((killed + 1))
      [[ -L cut/share/doc || $(readlink cut/share/doc/a) == "$first/share/doc/a" ]]
      ./repot stage -q --profile "$second" cut
      diff -r --no-dereference together cut
    done
  done
  ((killed >= 12)) || stop "repot was killed $killed times only"
  ./repot stage -q --profile "$first" cut
  diff -r --no-dereference together cut
}
two_registrations_at_once() {
  local first round
  for round in 1 2 3 4 5 6 7 8; do
    ./repot stage -q --registration "$program" "at-once-$round" &
    first=$!
    ./repot stage -q --registration ./cacert-one "at-once-$round"
    wait "$first"
    accepted_by_nix "at-once-$round" "$program" "$(readlink cacert-one)"
  done
}

changes() { find "$1" -printf '%p %i %m %U:%G %T@ %C@ %l\n' | sort; }
second_is_noop() {
  ./repot stage -q "${everything[@]}" full
  changes full >before
  ./repot stage -q "${everything[@]}" full
  diff before <(changes full)
}
# The same command twice at once: both succeed, and the root is the same as of one.
two_at_once() {
  local first round
  for round in 1 2 3 4 5; do
    ./repot stage -q "${everything[@]}" "both-$round" &
    first=$!
    ./repot stage -q "${everything[@]}" "both-$round"
    wait "$first"
    diff -r --no-dereference full "both-$round"
  done
}
adds_as_asked() {
  diff <(cd full && find . -path ./nix/store -prune -o -printf '%P %m %U:%G %T@ %l\n' | sort) - <<LIST
 755 0:0 1.0000000000 
app 777 0:0 1.0000000000 $program
bin 755 0:0 1.0000000000 
bin/hello 777 0:0 1.0000000000 $program/bin/hello
etc 755 0:0 1.0000000000 
etc/group 644 0:0 1.0000000000 
etc/hosts 644 0:0 1.0000000000 
etc/main.conf 777 0:0 1.0000000000 $(readlink profile)/etc/main.conf
etc/nsswitch.conf 644 0:0 1.0000000000 
etc/passwd 644 0:0 1.0000000000 
nix 755 0:0 1.0000000000 
nix-path-registration 444 0:0 1.0000000000 
root 700 0:0 1.0000000000 
share 755 0:0 1.0000000000 
share/deep 777 0:0 1.0000000000 $(readlink profile)/share/deep
share/doc 777 0:0 1.0000000000 $(readlink profile)/share/doc
tmp 1777 0:0 1.0000000000 
var 755 0:0 1.0000000000 
var/tmp 1777 0:0 1.0000000000 
LIST
}
program_runs() { [[ $(chroot full /bin/hello) == 'Hello, world!' ]]; }
certificates() {
  ./repot stage -q --skeleton ./result ./cacert-one certified
  has_certificates certified one
  ./repot stage -q --skeleton --symlink /etc/ssl/certs/ca-certificates.crt=./cacert-two/etc/ssl/certs/ca-bundle.crt \
    ./cacert-one ./cacert-two chosen
  has_certificates chosen two
}
# has_certificates ROOTFS TEXT: checks that the bundle has this content under its three names, as a container reads it.
has_certificates() {
  local name
  for name in etc/ssl/certs/ca-bundle.crt etc/ssl/certs/ca-certificates.crt etc/pki/tls/certs/ca-bundle.crt; do
    [[ $(cat "$1$(readlink "$1/$name")") == "$2" ]] || stop "$1/$name: $(cat "$1$(readlink "$1/$name")")"
  done
}

everywhere() { find . -mindepth 1 ! -name everywhere.before -printf '%p %T@\n' | sort; }
# refuses COUNT WORD ARGUMENT...: exit status 1, that many lines, one of them with the word, and nothing written.
refuses() {
  local count=$1 word=$2 message status=0
  shift 2
  everywhere >everywhere.before
  message=$(./repot stage "$@" 2>&1) || status=$?
  diff everywhere.before <(everywhere)
  ((status == 1)) || stop "exit status $status: $message"
  [[ $(wc -l <<<"$message") == "$count" && $message == *"$word"* ]] || stop "not $count lines with '$word': $message"
}
names_all_conflicts() {
  mkdir -p taken/etc taken/tmp
  echo other >taken/etc/group
  echo file >taken/tmp/file
  ln -s nowhere taken/bin
  refuses 4 "taken/tmp" --skeleton --profile ./profile --symlink /etc/passwd=./result --symlink /nix/store/x=./result \
    --symlink /share=./result taken
}
names_both_certificates() {
  refuses 1 cacert-one --skeleton ./cacert-one ./cacert-two refused
}

# An archive of a closure does not name the root itself: unpacked in a folder, it leaves that as it is.
same_archive() {
  ./repot stage -q "$@" ./result archived
  ./repot tar -q --rootfs archived -o staged.tar
  ./repot tar -q "$@" ./result -o direct.tar
  [[ $(head -c 2 staged.tar) == ./ ]]
  cmp <(tail -c +513 staged.tar) direct.tar
  chmod -R u+w archived && rm -r archived
}
same_context() {
  printf '#!/bin/sh\ncat >context.tar\n' >builder
  chmod +x builder
  ./repot docker-build "${everything[@]}" --prune '*/deep/large' --builder ./builder ./result
  mkdir context
  tar -C context -xf context.tar
  ./repot stage -q "${everything[@]}" --prune '*/deep/large' ./result compared
  diff <(cd context/rootfs && find . -mindepth 1 -printf '%P %m %T@ %l\n' | sort) \
    <(cd compared && find . -mindepth 1 -printf '%P %m %T@ %l\n' | sort)
  diff -r --no-dereference context/rootfs compared
}

prunes() {
  local globs=(--prune '*/deep/large' --prune '**/duplicate') said
  said=$(./repot stage --registration "${globs[@]}" ./result pruned 2>&1)
  [[ $said == *'pruned 2 entries, 585.9 KiB'* ]] || stop "$said"
  [[ ! -e pruned$data/deep/large && ! -e pruned$data/deep/deeper/duplicate && -e pruned$data/deep/nothing ]]
  [[ $(stat -c %Y "pruned$data/deep") == 1 ]]
  grep -qx "path $data sha256:$(nix-hash --type sha256 --base32 "pruned$data") $(nix-store --dump "pruned$data" | wc -c) 600000" \
    pruned/nix-path-pruned
  accepted_by_nix pruned "$program"
  ./repot verify -q pruned
}
prunes_alike_again() {
  ./repot stage -q --prune '*/deep/large' ./result again
  changes again >before
  ./repot stage -q --prune '*/deep/large' ./result again
  diff before <(changes again)
  refuses 1 'another --prune' --prune '*/deep' ./result again
  refuses 1 'was staged with --prune' ./result again
  refuses 1 'nothing is left out of it' --prune '*/deep/large' ./result full
}
# The program's text names a path that is not there; what is left out is not looked at.
checks_what_is_left() {
  printf '%s\n' "${closure[@]}" | grep -v -e '-settings.conf$' >partial
  refuses 1 "names '/nix/store/" --check --closure partial refused
  ./repot stage -q --check --closure partial --prune '*-hello/etc/main.conf' partly
  ./repot verify -q --closure partial partly
}
warns_of_idle_globs() { [[ $(./repot stage -q --prune '*/no/such' ./result idle 2>&1) == *"'*/no/such' matches nothing"* ]]; }
prunes_no_whole_path() { refuses 1 'the whole of' --prune '*' ./result refused; }

# own_store DIR: a store of its own below DIR, with the closure in it.
own_store() {
  mkdir -p "$1/nix/store/.links"
  cp -a "${closure[@]}" "$1/nix/store"
  touch "$1/nix/store/.links/link"
  chroot_store "$1" --load-db <db
}
inodes() { (cd "$1/nix/store" && find "${closure[@]##*/}" -printf '%i %p %m %T@\n' | sort -k 2); }
moves() {
  local said
  own_store moving
  inodes moving >before
  said=$(./repot stage -q --move --store-root moving "$program" moved 2>&1)
  [[ $said == *"takes 5 store paths out of $PWD/moving/nix/store"* ]] || stop "$said"
  diff before <(inodes moved)
  [[ $(ls -A moving/nix/store) == .links && -e moving/nix/store/.links/link ]]
  changes moved >before
  ./repot stage -q --move --check --store-root moving "$program" moved
  diff before <(changes moved)
}
# The n-th rename or chmod ends the run for good; the same command completes it, and nothing is lost.
survives_kill_while_moving() {
  local call n killed=0
  for call in renameat2 fchmod; do
    for n in 1 2 3 4 5 6; do
      rm -rf kill && install -d -o 65534 -g 65534 kill
      own_store kill/from
      chown -Rh 65534:65534 kill
      inodes kill/from >before
      "${user[@]}" strace -f -o /dev/null -e "inject=$call:signal=KILL:when=$n" \
        ./repot stage -q --move --closure list --store-root kill/from kill/to 2>/dev/null || killed=$((killed + 1))
      "${user[@]}" ./repot stage -q --move --closure list --store-root kill/from kill/to 2>/dev/null
      diff before <(inodes kill/to)
      [[ $(ls -A kill/from/nix/store) == .links ]]
    done
  done
  ((killed == 12)) || stop "repot was killed $killed times only"
}
moves_to_another_mount() {
  local said
  [[ $(stat -f -c %i /dev/shm) != "$(stat -f -c %i .)" ]] || return 0
  shm=$(mktemp -d /dev/shm/repot.XXXXXX)
  own_store staying
  said=$(./repot stage -q --move --store-root staying "$program" "$shm/out" 2>&1)
  diff <(inodes staying | cut -d ' ' -f 2-) <(inodes "$shm/out" | cut -d ' ' -f 2-)
  chmod -R u+w "$shm" && rm -r "$shm"
  [[ $said == *'5 store paths are copied, and not moved'* ]]
}
move_excludes() {
  local message status=0
  message=$(./repot stage --move --strategy copy --owner 0:0 --mtime 1 --prune 'a/b' ./result refused 2>&1) || status=$?
  ((status == 64)) && [[ $message == *'--strategy, --owner, --mtime, --prune'* ]]
}

all_as_user() {
  install -d -o 65534 -g 65534 user
  "${user[@]}" ./repot stage -q "${everything[@]}" --prune '*/deep/large' ./result user/out
  changes user/out >before
  "${user[@]}" ./repot stage -q "${everything[@]}" --prune '*/deep/large' ./result user/out
  diff before <(changes user/out)
  [[ $(stat -c '%a %u' user/out/tmp) == '1777 65534' ]]
}
dry_run_tells() {
  ./repot stage --dry-run "${everything[@]}" --prune '*/deep/large' ./result dry >dry.list
  [[ ! -e dry ]]
  grep -qx 'directory /tmp with mode 1777' dry.list
  grep -q '^file /nix-path-registration of ' dry.list
  grep -qx "left out $data/deep/large" dry.list
  grep -qx "symlink /bin/hello -> $program/bin/hello" dry.list
}

sources() { find "${closure[@]}" -printf '%p %i %m %U:%G %s %n %T@ %C@ %l\n' | sort; }
sources >sources.before

check "a registration that Nix loads and finds right" registers ./result
check "so is one of a scan" registers --closure-from scan ./result
check "so is one of a plain list" registers --closure list
check "a registration is the same, whoever told the closure" registers_alike
check "a second closure extends the registration, and Nix loads it" extends_registration
check "two simultaneous runs write the registration of both" two_registrations_at_once
check "kill -9 leaves the old registration or the extended one" extends_registration_or_nothing
check "kill -9 while a second profile is added: a second run completes it" second_profile_or_nothing
check "everything at once, twice" second_is_noop
check "everything at once, by two at once" two_at_once
check "names, modes, owners and times of what is added" adds_as_asked
check "the program runs in a chroot through the profile's /bin" program_runs
check "certificates of the closure, or those that --symlink names" certificates
check "certificates that differ are named" names_both_certificates
check "all conflicts are named" names_all_conflicts
check "an archive is that of the staged root" same_archive "${everything[@]}" --prune '*/deep/large'
check "a build context is the staged root" same_context
check "--prune leaves out, records, registers and verifies" prunes
check "--prune again: the same, or a conflict" prunes_alike_again
check "--check looks at what --prune leaves" checks_what_is_left
check "--prune of nothing is a warning" warns_of_idle_globs
check "--prune of a store path is an error" prunes_no_whole_path
check "--move renames, says so, and again does nothing" moves
check "--move as a user: kill -9, then the same command completes" survives_kill_while_moving
check "--move to another mount copies" moves_to_another_mount
check "--move excludes what changes a store path" move_excludes
check "as a user: everything, twice" all_as_user
check "--dry-run tells everything, and writes nothing" dry_run_tells
check "the store was not touched" diff sources.before <(sources)
summary
