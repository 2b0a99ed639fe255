# Reports of a change only on proof, and numbers, policies and messages.
# shellcheck shell=bash

# sysfs gives an inode its own times at the first listxattr(2), so that the call of the copier moves a time. Attributes
# that were never looked at are needed, so each check takes others.
copies_fresh_sysfs_files() {
  local file copied=0
  while read -r file; do
    timeout 2 cat "$file" >/dev/null 2>&1 || continue
    "$@" "$file" out || fail "not copied: $file"
    rm -f out
    copied=$((copied + 1))
    if ((copied == 10)); then break; fi
  done < <(find /sys/module /sys/block/*/queue/ /sys/kernel/mm -type f -perm -0444 2>/dev/null | shuf)
  ((copied > 0))
}
try "fresh files of sysfs are copied" copies_fresh_sysfs_files repot cp
try "called as cp: fresh files of sysfs are copied" copies_fresh_sysfs_files as_cp -a
copies_sysfs_trees() {
  local directory
  directory=$(find /sys/block/*/queue -maxdepth 0 -type d | shuf -n 1)
  # Some files refuse to be read, for GNU cp too.
  repot -R "$directory" ours 2>message || true
  ! grep -q 'changed while' message
}
try "a tree of sysfs has not changed while it is copied" copies_sysfs_trees

copies_growing_log() {
  head -c 100K /dev/zero >log
  in_background bash -c 'while :; do seq 9; sleep 0.0002; done >>log'
  local round
  for round in {1..40}; do
    echo old >copy
    as_cp log copy
    cmp -n 102400 log copy
    (($(stat -c %s copy) >= 102400)) || fail "round $round: $(stat -c %s copy) bytes"
  done
}
try "called as cp: a growing log is copied" copies_growing_log
keeps_old_copy_of_growing_log() {
  head -c 100K /dev/zero >log
  in_background bash -c 'while :; do seq 9; sleep 0.0002; done >>log'
  local round
  for round in {1..20}; do
    echo old >copy
    if repot cp log copy 2>message; then
      cmp -n 102400 log copy
    else
      [[ $(cat copy) == old ]] || (($(stat -c %s copy) >= 102400)) || grep -qE 'lost|incomplete' message ||
        fail "the old copy is lost: $(cat message)"
    fi
  done
}
try "a growing log is copied, or its old copy is kept or reported as lost" keeps_old_copy_of_growing_log

# Sums of sizes beyond 64 bits.
mount_tmpfs() {
  mkdir -p memory
  mount -t tmpfs none memory
}
copies_huge_files() {
  mount_tmpfs
  mkdir -p memory/source
  truncate -s 9223372036854771711 memory/source/1 memory/source/2
  "$@" memory/source memory/out
  [[ $(stat -c %s memory/out/2) == 9223372036854771711 ]]
  expect_no_temporaries memory
}
try "sizes whose sum exceeds 64 bits are copied" copies_huge_files repot -R
try "called as cp: sizes whose sum exceeds 64 bits are copied" copies_huge_files as_cp -a
try "sizes whose sum exceeds 64 bits are shown in a progress bar" copies_huge_files repot cp -a --progress=always
try "sizes whose sum exceeds 64 bits are reported as JSON" copies_huge_files repot cp -a --json
stages_huge_files() {
  mount_tmpfs
  cd memory
  mkdir -p $store
  truncate -s 9223372036854771711 $store/1 $store/2
  seal $store
  echo "/$store" >closure
  "$@"
}
try "stage copies sizes whose sum exceeds 64 bits" eval 'stages_huge_files stage out; test -e out/$store/2'
try "a dry run of stage reports sizes whose sum exceeds 64 bits" stages_huge_files repot stage --store-root . --closure closure --dry-run out
try "a dry run of tar ends with sizes whose sum exceeds 64 bits" eval '
  status=0; stages_huge_files archive --dry-run || status=$?; ((status <= 1))'

# --strict means refusals of the kernel.
stages_empty_files() {
  make_store_path
  chmod u+w $store
  : >$store/empty
  seal $store
  stage --strategy hardlink --strict out
  [[ $(stat -c %h out/$store/a) == 2 ]]
  expect_equal_content $store out/$store
}
try "stage --strategy hardlink --strict accepts empty files" stages_empty_files
reports_refusal_once() {
  mkdir source
  seq 500 | split -l 10 - source/x
  mount_tmpfs
  expect_failure "link" "$@" source memory/out
  (($(wc -l <message) <= 2)) || fail "$(wc -l <message) messages"
}
try "a refusal that concerns all files is reported once" reports_refusal_once repot cp -R --strategy=hardlink --strict

# Messages.
copies_beside_unreadable_directory() {
  mkdir source
  echo 1 >source/file
  mkdir -m 333 out
  chown 12345 out
  limited "${user[@]}" "$work/repot" -R source out/copy 2>message
  [[ ! -s message ]] || fail "$(cat message)"
}
try "a destination directory that cannot be listed causes no warning" copies_beside_unreadable_directory
prints_like_gnu() {
  local locale ours theirs
  for locale in C C.UTF-8; do
    ours=$(LC_ALL=$locale as_cp "$@" 2>&1 || true)
    theirs=$(LC_ALL=$locale gnu_cp "$@" 2>&1 || true)
    [[ $ours == "$theirs" ]] || fail "in locale $locale: $ours instead of $theirs"
  done
}
try "called as cp: names in messages are quoted as the locale says" prints_like_gnu $'n\303\266' copy
try "called as cp: wrong arguments are quoted as the locale says" prints_like_gnu --sparse=bad a b
reports_full_output() {
  echo 1 >file
  expect_failure "write error: No space left on device" eval 'as_cp -v file copy >/dev/full'
}
try "called as cp: -v to a full device is an error with its reason" reports_full_output
