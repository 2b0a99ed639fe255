# Sourced by Tests/hostile.sh: programs with a time limit, a fresh directory for each check, and comparisons.
# shellcheck shell=bash

# A directory that every user can read, the program under both of its names, and a command prefix for an ordinary user.
open_hostile_workspace() {
  open_workspace
  ln -s repot "$work/cp"
  user=(setpriv --reuid=12345 --regid=12345 --clear-groups)
  scenes=0
  skipped=0
}

# The programs under test end within 20 seconds, or with status 124.
limited() { timeout -k 2 20 "$@"; }
repot() { limited "$work/repot" "$@"; }
as_cp() { limited "$work/cp" "$@"; }
gnu_cp() { limited cp "$@"; }

# try TITLE COMMAND...: a check whose command runs in an empty directory of its own.
try() {
  scenes=$((scenes + 1))
  check "$1" in_scene "${@:2}"
}
# try_both TITLE FUNCTION [ARGUMENT]...: the same for `repot cp` and for repot called as cp, which FUNCTION gets as its
# last arguments.
try_both() {
  try "$@" repot cp
  try "called as cp: $1" "${@:2}" as_cp
}
in_scene() {
  scene=$work/scene$scenes
  mkdir -m 777 "$scene"
  cd "$scene"
  trap close_scene EXIT
  "$@"
}
# Ends the background jobs of a check, and removes its mounts, loop devices and files.
close_scene() {
  jobs -p | xargs -r kill -KILL 2>/dev/null || true
  remove_tree "$scene"
}
close_hostile_workspace() { remove_tree "$work"; }
remove_tree() {
  cd /
  while read -r target; do
    umount -l "$target" || true
  done < <(findmnt -rno TARGET | grep -F "$1/" | tac)
  while read -r device; do
    losetup -d "$device" || true
  done < <(losetup -nO NAME,BACK-FILE | awk -v tree="$1/" 'index($2, tree) { print $1 }')
  chattr -Rf -a "$1" 2>/dev/null || true
  rm -rf "$1" || true
}

# usable TITLE COMMAND...: whether the kernel of this machine has a feature; reports a skip otherwise.
usable() {
  local title=$1
  shift
  if "$@" >/dev/null 2>&1; then return 0; fi
  skipped=$((skipped + 1))
  echo "SKIP $title"
  return 1
}

# Ends the check.
fail() {
  echo "$*"
  exit 1
}
expect_status() {
  local expected=$1 status=0
  shift
  "$@" || status=$?
  [[ $status == "$expected" ]] || fail "exit status $status instead of $expected"
}
# expect_failure PATTERN COMMAND...: exit status 1, and a message that contains PATTERN.
expect_failure() {
  local pattern=$1
  shift
  expect_status 1 "$@" 2>message
  grep -qF -e "$pattern" message || fail "no '$pattern' in: $(cat message)"
}
expect_usage_error() {
  local status=0
  "$@" 2>message || status=$?
  ((status == 1 || status == 64)) || fail "exit status $status instead of 1 or 64"
}
expect_no_temporaries() {
  local left
  left=$(find "${@:-.}" -name '.repot*' 2>/dev/null)
  [[ -z $left ]] || fail "left behind: $left"
}

# listing DIRECTORY: type, mode, owner, time, size and target of each entry, as find(1) reports them.
listing() { (cd "$1" && find . \( -type d -printf '%P %y %m %U:%G %T@\n' -o -printf '%P %y %m %U:%G %T@ %s %n %l\n' \) | sort); }
attributes() { (cd "$1" && getfattr -R -P -h -d -m - . 2>/dev/null | sort); }
# Compares two trees with GNU tools only.
expect_equal_content() { diff -r --no-dereference "$1" "$2"; }
expect_equal() {
  diff <(listing "$1") <(listing "$2")
  cmp <(attributes "$1") <(attributes "$2")
  (cd "$1" && find . -type f -exec sha256sum {} +) | (cd "$2" && sha256sum --quiet -c)
}

# make_store_path [DIRECTORY]: an immutable store path below DIRECTORY/nix/store with time 1; prints its location.
make_store_path() {
  local path=${1:-.}/nix/store/$store_path
  mkdir -p "$path"
  echo 1 >"$path/a"
  echo 2 >"$path/b"
  seal "$path"
  echo "/nix/store/$store_path" >"${1:-.}/closure"
}
seal() {
  chmod -R a-w "$1"
  find "$1" -depth -exec touch -hd @1 {} +
}
store_path=00000000000000000000000000000001-p
store=nix/store/$store_path
stage() { repot stage -q --store-root . --closure closure "$@"; }
archive() { repot tar -q --store-root . --closure closure "$@"; }

# make_image NAME SIZE MKFS...: a file system in a sparse file; mount_image NAME DIRECTORY [OPTIONS].
make_image() {
  truncate -s "$2" "$1"
  "${@:3}" "$1" >/dev/null 2>&1
}
mount_image() {
  mkdir -p "$2"
  mount -o "loop${3:+,$3}" "$1" "$2"
}
# attach FILE: a loop device for the file.
attach() { losetup -f --show "$1"; }

# wait_until COMMAND...: waits at most five seconds.
wait_until() {
  local tries
  for ((tries = 0; tries < 100; tries++)); do
    if "$@" >/dev/null 2>&1; then return 0; fi
    sleep 0.05
  done
  fail "waited in vain: $*"
}
# in_background COMMAND...: without the descriptors of the check, which would wait for it.
in_background() { "$@" >/dev/null 2>&1 </dev/null & }

# ends_at_signal SIGNAL STATUS COMMAND...: the command ends at one signal within three seconds.
ends_at_signal() {
  local signal=$1 expected=$2 status=0 begin=$SECONDS
  # A background job has its standard input from /dev/null otherwise.
  "${@:3}" <&0 >/dev/null 2>&1 &
  local job=$!
  sleep 0.4
  kill "-$signal" "$job"
  in_background bash -c "sleep 4; kill -KILL $job"
  wait "$job" || status=$?
  ((SECONDS - begin <= 3)) || fail "ended after $((SECONDS - begin)) s"
  [[ $status == "$expected" ]] || fail "exit status $status instead of $expected"
}
# The same, and leaves nothing behind.
ends_cleanly() {
  ends_at_signal "$@"
  expect_no_temporaries
}
