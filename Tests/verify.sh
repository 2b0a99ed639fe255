#!/usr/bin/env bash
# REPOT=FILE verify.sh: `repot verify` and `repot stage --check` against real Nix.
# shellcheck source=Tests/Scripts/start.sh
source "$(dirname "${BASH_SOURCE[0]}")/Scripts/start.sh"
need_root "it builds in /nix/store, and becomes another user"
need nix-bin patchelf hello python3 util-linux

open_workspace
trap 'umount "$work/out" "$work/upper" 2>/dev/null || true; rm -rf "$work" || true' EXIT

echo "Building a closure with Nix"
Tests/Scripts/closure.sh "$work"
mapfile -t closure < <(nix-store -qR "$work/result")
program=$(readlink "$work/result")
hello=$(find "$program/bin" -type f -print -quit)
inside=${hello#"$program/"}
cd "$work"

# A fresh copy of the closure.
fresh() {
  rm -rf "$work/out"
  ./repot stage -q result out
}

# says STATUS PATTERN ARGUMENT...: what verify answers, and that its errors have the pattern.
says() {
  local status=0
  ./repot verify "${@:3}" out >report 2>errors || status=$?
  ((status == $1)) && grep -qE -- "$2" errors || { cat report errors; echo "exit status $status"; false; }
}

flip() { printf '\377' | dd of="out$1" bs=1 seek=100 conv=notrunc status=none; }

clean_copy_is_clean() {
  fresh
  says 0 "^${#closure[@]} paths, .*: complete and unaltered"
}

hashes_are_those_of_nix() {
  fresh
  nix-store --dump-db "${closure[@]}" >out/nix-path-registration
  says 0 'complete and unaltered'
  says 0 '^source of the expected store paths: its registration$' --explain
  rm out/nix-path-registration
  says 0 "^source of the expected store paths: the store's nix$" --closure-from nix --explain
}

flipped_byte_is_named() {
  fresh
  flip "$hello"
  touch -d @1 "out$hello"
  says 1 "^repot: '$hello' is altered"
  # Without the store at hand, the store path is named.
  nix-store --dump-db "${closure[@]}" >out/nix-path-registration
  says 1 "^repot: '$program' is altered: its hash is sha256:" --store-root /nowhere
}

missing_path_is_named() {
  fresh
  rm -rf "out$program"
  nix-store --dump-db "${closure[@]}" >registration
  says 1 "^repot: '$program' is missing" --closure registration
}

metadata_is_named() {
  fresh
  chmod 755 "out$hello"
  says 1 "^repot: '$hello' has mode 0755 instead of 0555"
  fresh
  touch -d @5 "out$hello"
  says 1 "^repot: '$hello' has a modification time other than 1"
  fresh
  chown 7:7 "out$hello"
  says 1 "^repot: '$hello' belongs to 7:7 instead of 0:0"
}

# What is wrong in the store as well, a new copy does not set right.
repair_does_not_praise_itself() {
  mkdir -p other/nix
  fresh
  cp -a out/nix/store other/nix
  chmod 755 "other$hello" "out$hello"
  says 1 "^repot: cannot repair '$program': the store's own copy is not as it should be either" --repair --store-root other
  rm -r other
}
# The root goes too, where its record names it.
missing_pruned_root_is_named() {
  rm -rf out
  ./repot stage -q --prune '*-hello/bin/hello' result out
  chmod -R u+w "out$program"
  rm -r "out$program"
  says 1 "^repot: '$program' is missing"
}

strangers_are_named() {
  fresh
  mkdir out/nix/store/00000000000000000000000000000000-more out/nix/store/.repot-0123456789abcdef-1
  says 1 "^repot: '/nix/store/0{32}-more' belongs to nothing"
  says 1 "^repot: '/nix/store/.repot-0123456789abcdef-1' is what a killed run left"
}

# own_nix WORD...: runs nix-store on the root file system, which creates a database there.
own_nix() { nix-store --store "local?root=$work/out" "$@" >/dev/null 2>&1; }

empty_database_is_no_source() {
  fresh
  own_nix --init
  says 0 "source of the expected store paths: the store's database" --explain
  nix-store --dump-db "${closure[@]}" >out/nix-path-registration
  says 0 '^source of the expected store paths: its registration$' --explain
}

# A base image that contains Nix has such a database.
database_extends_registration() {
  fresh
  nix-store --dump-db "${closure[@]}" >out/nix-path-registration
  echo more >more
  more=$(nix-store --store "local?root=$work/out" --add ./more)
  says 0 '^source of the expected store paths: its registration and its Nix database$' --explain
  nix-store --dump-db "${closure[@]}" >registration
  says 1 "^repot: '$more' is not expected, .* lists it: name the closure" --closure registration
  chmod u+w "out$more" && echo changed >"out$more"
  says 1 "^repot: '$more' is altered"
}

damage() {
  flip "$hello"
  chmod 700 "out$program"
  rm -rf "out${closure[0]}"
  mkdir -p out/nix/store/.repot-0123456789abcdef-1/half
  touch -d @1 out/nix/store
}

repair_restores_all() {
  fresh
  cp -a out before
  damage
  says 0 'complete and unaltered, [0-9]+ taken anew' --repair
  [[ ! -e out/nix/store/.repot-0123456789abcdef-1 ]]
  diff -r --no-dereference before out
  [[ $(stat -c %Y out/nix/store) == 1 ]]
  rm -rf before
  says 0 'complete and unaltered'
}

# What was left out on purpose is not brought back, and is no file that differs.
repair_of_pruned_paths() {
  local altered missing
  rm -rf "$work/out"
  ./repot stage -q --prune '*-libc/lib64' --prune '*-data/deep/deeper' result out
  cp -a out before
  altered=$(find out/nix/store/*-libc/lib -type f | sort | sed -n 1p)
  altered=${altered#out}
  flip "$altered"
  touch -d @1 "out$altered"
  missing=$(echo out/nix/store/*-data)
  rm -r "$missing"
  # Together with a registration, which is of what is left.
  for registration in "" --registration; do
    says 1 "^repot: '$altered' is altered: --repair"
    says 0 'complete and unaltered, [12] taken anew' --repair
    diff -r --no-dereference before out
    rm -rf out before
    ./repot stage -q --prune '*-libc/lib64' --prune '*-data/deep/deeper' --registration result out
    cp -a out before
    flip "$altered"
    touch -d @1 "out$altered"
    rm -r "$missing"
  done
  rm -rf before
}

# Directories are 0555, and a user cannot write to them.
repair_as_an_ordinary_user() {
  rm -rf "$work/out"
  mkdir "$work/mine"
  chown 65534:65534 "$work/mine"
  "${user[@]}" ./repot stage -q result mine/out
  mv mine/out out
  "${user[@]}" chmod 755 "out$program/bin"
  "${user[@]}" chmod u+w "out$hello"
  flip "$hello"
  "${user[@]}" rm -rf "out${closure[0]}"
  chown 65534:65534 .
  "${user[@]}" ./repot verify --repair out 2>errors || { cat errors; return 1; }
  chown 0:0 .
  grep -q 'complete and unaltered' errors
  says 0 'complete and unaltered' --owner 65534:65534
}

# As in a container, where what is damaged is often in a lower layer.
repair_in_an_overlay() {
  fresh
  flip "$hello"
  cp -a out layer
  mkdir upper
  mount -t tmpfs tmpfs upper
  mkdir upper/files upper/work
  mount -t overlay overlay -o lowerdir=layer,upperdir=upper/files,workdir=upper/work out
  says 0 'complete and unaltered, 1 taken anew' --repair || { umount out upper; false; }
  umount out upper
  chmod -R u+w layer
  rm -rf layer upper
}

# What cannot be repaired is named all the same.
repair_on_a_read_only_mount() {
  fresh
  nix-store --dump-db "${closure[@]}" >registration
  rm -rf "out${closure[0]}"
  mount --bind out out
  mount -o remount,bind,ro out
  says 1 "^repot: '${closure[0]}' is missing" --repair --closure registration || { umount out; false; }
  says 1 "Read-only file system" --repair --closure registration || { umount out; false; }
  umount out
}

nothing_is_repaired_with_damaged_goods() {
  fresh
  nix-store --dump-db "${closure[@]}" >out/nix-path-registration
  mkdir -p other/nix
  cp -a out/nix/store other/nix
  printf x >>"other$hello"
  flip "$hello"
  says 1 "^repot: cannot repair '$program': .* is damaged itself" --repair --store-root "$work/other"
  rm -rf other
}

# Somebody else's root file system, or one on a read-only mount.
repair_without_permission_names_all() {
  fresh
  flip "$hello"
  ! "${user[@]}" ./repot verify --repair out 2>errors || return 1
  grep -q "^repot: cannot repair '$program': cannot write to '.*out/nix/store': Permission denied" errors
  grep -q "^repot: '$hello' is altered" errors
  mount --bind out out
  mount -o remount,bind,ro out
  says 1 "^repot: cannot repair '$program': cannot write to '.*out/nix/store': Read-only file system" --repair || {
    umount out && return 1
  }
  umount out
  grep -q "^repot: '$hello' is altered" errors
}

report_is_json() {
  fresh
  flip "$hello"
  ./repot verify --json out >report 2>/dev/null || true
  python3 - "$program" "$inside" "${#closure[@]}" <<'PYTHON'
import json, sys
report = json.load(open("report"))
finding = [found for found in report["findings"] if found["problem"] == "content"][0]
assert finding["path"] == sys.argv[1] and finding["files"] == [sys.argv[2]], finding
assert finding["repairable"] and not report["clean"] and report["paths"] == int(sys.argv[3]), report
PYTHON
}

no_store_is_a_clear_error() {
  mkdir -p empty
  ! ./repot verify empty 2>errors
  grep -qE "^repot: '.*empty' holds no store" errors
}

# A nix-store that does not describe some of the store paths that it names.
lost_paths_are_noticed() {
  rm -rf out bin
  mkdir bin
  cat >bin/nix-store <<SCRIPT
#!/bin/sh
case "\$*" in
  *--dump-db*) shift \$((\$# - 1)); exec $(command -v nix-store) --dump-db "\$1" ;;
  *) exec $(command -v nix-store) "\$@" ;;
esac
SCRIPT
  chmod +x bin/nix-store
  ! PATH=$work/bin:$PATH ./repot stage --closure-from nix result out 2>errors
  grep -q "^repot: nix named ${#closure[@]} store paths and described 1: use another --closure-from" errors
  [[ ! -e out ]]
}

incomplete_closure_is_not_staged() {
  rm -rf out
  # The program without what it refers to.
  echo "$program" >list
  ! ./repot stage --check --closure list out 2>errors
  grep -qE "^repot: '$program.*(names|leads to|refers to)" errors
  [[ ! -e out ]]
  ./repot stage -q --check result out
}

# With references, the name of a store path in a text is a note; without them, it may be a missing reference.
text_is_a_note_where_references_are_known() {
  local doc
  doc=/nix/store/$(printf '%032d' 1)-doc
  mkdir -p doc/nix/store
  echo 'for example /nix/store/v5sv61sszx301i0x6xysaqzla09nksnd-hello-2.10' >"doc$doc"
  chmod 444 "doc$doc" && touch -d @1 "doc$doc"
  printf '{"%s":{"references":[]}}' "$doc" >doc.json
  echo "$doc" >doc.list
  ./repot stage --check --store-root doc --closure doc.json note 2>errors
  grep -q "^repot: note: '$doc' names '/nix/store/v5sv61sszx301i0x6xysaqzla09nksnd-hello-2.10'" errors
  ./repot verify --store-root doc --closure doc.json note 2>errors
  grep -q "^repot: note: '$doc' names" errors
  ! ./repot stage --check --store-root doc --closure doc.list listed 2>errors || return 1
  grep -q "^repot: '$doc' names" errors
}

# Databases of old installers have null hashes. Nix computes these; repot does so from the store, or prints a note.
unknown_hash_is_a_note() {
  local sum
  fresh
  nix-store --dump-db "${closure[@]}" >registration
  sum=$(nix-store --dump-db "$program" | sed -n 2p)
  sed "s/^$sum\$/$(printf '%064d' 0)/" registration >out/nix-path-registration
  says 0 'complete and unaltered'
  flip "$hello" && touch -d @1 "out$hello"
  says 1 "^repot: '$hello' is altered"
  says 0 "^repot: note: the content of '$program' is not checked, since its hash is unknown" --store-root /nowhere
  says 0 ': complete, content of 1 path not checked' --store-root /nowhere
  # The verified store is not a source of its own hashes.
  printf '%s\n' "${closure[@]}" >list
  says 0 ": complete, content of ${#closure[@]} paths not checked" --closure list --store-root out
  # The root file system's own database has the hash.
  own_nix --init
  chroot_db <registration
  says 1 "^repot: '$program' is altered" --store-root /nowhere
}
chroot_db() { nix-store --store "local?root=$work/out" --load-db; }

malformed_row_is_a_finding() {
  fresh
  nix-store --dump-db "${closure[@]}" >registration
  chroot_db <registration
  python3 - <<'PYTHON'
import sqlite3
database = sqlite3.connect("out/nix/var/nix/db/db.sqlite")
database.execute("INSERT INTO ValidPaths (path, hash, registrationTime) VALUES ('/nix/store/foo', 'sha256:', 1)")
database.commit()
PYTHON
  says 1 "^repot: '/nix/store/foo' is a row of the root file system's Nix database"
  says 1 ': 1 finding '
  flip "$hello" && touch -d @1 "out$hello"
  says 1 "^repot: '$hello' is altered"
}

# The files that a killed build, a repair and a garbage collector leave. The root file system has no database.
working_files_are_no_findings() {
  local store=out/nix/store name
  fresh
  for name in lock check old-12-3 tmp-12-3 chroot; do mkdir "out$program.$name" && touch "out$program.$name/file"; done
  rmdir "out$program.lock" 2>/dev/null || rm -r "out$program.lock"
  install -m 600 /dev/null "out$program.lock"
  install -m 600 /dev/null "$store/33333333333333333333333333333333-gone.lock"
  mkdir -p "$store/trash/x" "$store/.links" "$store/tmp-12-3" && ln "out$hello" "$store/.links/x"
  says 0 'complete and unaltered'
  mkdir "$store/33333333333333333333333333333333-gone.check"
  says 1 "-gone.check' belongs to nothing"
}

# A registration declares references, even if a scan found them: Nix does not know its origin after loading it.
registration_of_a_scan_declares_references() {
  local doc list
  doc=/nix/store/$(printf '%032d' 1)-doc
  mkdir -p page/nix/store
  echo 'for example /nix/store/v5sv61sszx301i0x6xysaqzla09nksnd-hello-2.10' >"page$doc"
  chmod 444 "page$doc" && touch -d @1 "page$doc"
  echo "$doc" >page.list
  for list in "--closure page.list" "--closure-from scan $doc"; do
    rm -rf out
    # shellcheck disable=SC2086
    ./repot stage -q --registration --store-root page $list out
    says 0 "^repot: note: '$doc' names" --store-root page
    says 1 "^repot: '$doc' names" --store-root page --closure page.list
    # shellcheck disable=SC2086
    ! ./repot stage -q --check --registration --store-root page $list refused 2>errors || return 1
    grep -q "^repot: '$doc' names" errors
  done
}

check "a clean copy is clean" clean_copy_is_clean
check "the hashes are those of Nix, whoever tells them" hashes_are_those_of_nix
check "one flipped byte is found and named" flipped_byte_is_named
check "one missing path is found and named" missing_path_is_named
check "a mode, a time and an owner are found and named" metadata_is_named
check "--repair says where the store is wrong as well" repair_does_not_praise_itself
check "a missing path that only the record names is found" missing_pruned_root_is_named
check "what nobody expects is found and named" strangers_are_named
check "an empty database of the root file system is not a source" empty_database_is_no_source
check "the store paths of the registration and of the database are expected" database_extends_registration
check "an unknown hash is read from another source, or else is a note" unknown_hash_is_a_note
check "a malformed row of the database is a finding" malformed_row_is_a_finding
check "working files of Nix are not findings" working_files_are_no_findings
check "a registration declares references, whatever its origin" registration_of_a_scan_declares_references
check "--repair restores all" repair_restores_all
check "--repair restores all for an ordinary user" repair_as_an_ordinary_user
check "--repair leaves out what was left out on purpose" repair_of_pruned_paths
check "--repair in an overlay" repair_in_an_overlay
check "--repair where nothing can be written names what is damaged" repair_on_a_read_only_mount
check "--repair takes nothing from a damaged store" nothing_is_repaired_with_damaged_goods
check "--repair names all that it cannot write" repair_without_permission_names_all
check "--json says the same" report_is_json
check "a folder without a store is a clear error" no_store_is_a_clear_error
check "store paths that a source names and does not describe are noticed" lost_paths_are_noticed
check "the name of an absent store path is a note where references are known" text_is_a_note_where_references_are_known
check "stage --check writes nothing of an incomplete closure" incomplete_closure_is_not_staged
summary
