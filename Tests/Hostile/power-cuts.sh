# Power cuts: a block device is copied seconds after a run, when ext4 has written names but no content.
# shellcheck shell=bash

# with_new_boot COMMAND...: runs it as if the machine had been started a second ago.
with_new_boot() {
  local uptime
  uptime=$(cut -d. -f1 /proc/uptime)
  limited unshare --time --fork --boottime "-$((uptime - 1))" "$@"
}
make_sources() {
  make_store_path
  chmod u+w $store
  seq 2000 >$store/numbers
  ln -s numbers $store/link
  seal $store
}
# after_power_cut COMMAND...: runs it with a file system at `disk`, and mounts at `disk` the content after a power cut.
after_power_cut() {
  make_image image 64M mkfs.ext4 -qF -m 0
  mount_image image disk commit=1
  sync -f disk
  "$@"
  sleep 2.5
  cp --sparse=always image crashed
  umount disk
  mount_image crashed disk
}
expect_lost_content() {
  find disk -type f -size 0 -path "*/$store_path/*" | grep . >/dev/null || fail "no file has lost its content"
}
stages_again() {
  make_sources
  after_power_cut stage --strategy copy disk/out
  expect_lost_content
  with_new_boot "$work/repot" stage -q --store-root . --closure closure disk/out
  expect_equal "$store" "disk/out/$store"
}
copies_again() {
  make_sources
  after_power_cut repot -R --reflink=never "$store" disk
  expect_lost_content
  with_new_boot "$work/repot" -R --reflink=never "$store" disk
  expect_equal "$store" "disk/$store_path"
}
reads_once() {
  make_sources
  stage out
  sleep 2.1
  before=$(stat -c '%i %X %Y' "out/$store")
  with_new_boot strace -f -qq -o calls "$work/repot" stage -q --store-root . --closure closure out
  grep -q '"numbers"' calls || fail "the first run does not read the store path"
  with_new_boot strace -f -qq -o calls "$work/repot" stage -q --store-root . --closure closure out
  ! grep -q '"numbers"' calls || fail "the second run reads the store path again"
  [[ $(stat -c '%i %X %Y' "out/$store") == "$before" ]]
}

# A power cut has emptied the record of --prune. It has no meaning after a run without --prune.
removes_an_emptied_record() {
  make_sources
  stage --prune '*/numbers' out
  [[ -s out/nix-path-pruned && ! -e out/$store/numbers ]]
  $1 out/nix-path-pruned
  sleep 2.1
  with_new_boot "$work/repot" stage -q --store-root . --closure closure out
  expect_equal "$store" "out/$store"
  [[ ! -e out/nix-path-pruned ]] || fail "the record stays"
  truncate -s 0 out/nix-path-pruned
  stage out
  [[ -e out/nix-path-pruned ]] || fail "an empty file of this boot is removed"
}
fills_with_nul() { truncate -s 0 "$1" && truncate -s 100 "$1"; }

if usable "store paths that a power cut has emptied are copied again" with_new_boot true; then
  try "stage copies a store path again that a power cut has emptied" stages_again
  try "-R copies a store path again that a power cut has emptied" copies_again
  try "a store path from an earlier boot is read once" reads_once
  try "stage removes a record of --prune that a power cut has emptied" removes_an_emptied_record "truncate -s 0"
  try "stage removes a record of --prune that has NUL bytes after a power cut" removes_an_emptied_record fills_with_nul
fi

# cut_at_once COMMAND...: runs it with a file system at `disk`, and mounts at `disk` the content of the device after it.
cut_at_once() {
  make_image image 64M mkfs.ext4 -qF -m 0
  mount_image image disk
  sync -f disk
  "$@"
  cp --sparse=always image crashed
  umount disk
  mount_image crashed disk
}
stages_durably() {
  make_sources
  cut_at_once stage --sync --strategy copy --registration disk/out
  expect_equal "$store" "disk/out/$store"
  grep -q "$store_path" disk/out/nix-path-registration
}
copies_durably() {
  make_sources
  cut_at_once repot -R --sync "$store" "$store/numbers" disk
  expect_equal_content "$store" "disk/$store_path"
  cmp "$store/numbers" disk/numbers
}
merges_durably() {
  make_sources
  mkdir old
  cut_at_once eval "mkdir disk/old; sync -f disk; repot -R --sync $store/. disk/old"
  expect_equal_content "$store" disk/old
}
# Content comes before names: the order of the system calls.
syncs_before_names() {
  make_sources
  strace -f -qq -e trace=syncfs,renameat,renameat2 -o calls "$work/repot" -R --sync "$store" "$store/numbers" .
  [[ $(grep -Eo 'syncfs|[^-]0[0-9a-z]*1-p"|numbers"' calls | tr '\n' ' ') == *syncfs*p\"*numbers\"*syncfs* ]] || fail "$(cat calls)"
}
# A symlink may lead to another file system, which syncfs of the destination does not reach.
syncs_behind_symlinks() {
  echo new >new
  echo old >old
  ln -s old link
  strace -f -qq -e trace=fsync -o calls "$work/repot" cp --sync new link
  cmp new old
  grep -q fsync calls || fail "the file behind the symlink is not synced"
}
reports_failing_syncs() {
  make_sources
  expect_failure "cannot write to disk" strace -f -qq -o calls -e inject=syncfs:error=EIO "$work/repot" -R --sync "$store" .
  [[ ! -e $store_path ]] || fail "a store path that may not be on disk has its name"
}
archives_durably() {
  make_sources
  archive -o expected.tar
  cut_at_once archive --sync -o disk/archive.tar
  cmp expected.tar disk/archive.tar
}
writes_images_durably() {
  make_sources
  cut_at_once repot image -q --sync --store-root . --closure closure -o "docker-archive:disk/image.tar" --sbom spdx --sbom-file disk/sbom
  grep -qF SPDX disk/sbom || fail "the bill of materials is not on disk"
  repot verify --store-root . docker-archive:disk/image.tar
}
redirects_durably() {
  make_sources
  archive -o expected.tar
  cut_at_once eval "archive --sync >disk/archive.tar"
  cmp expected.tar disk/archive.tar
}
refuses_a_pipe() {
  make_sources
  expect_failure "--sync cannot wait" eval 'archive --sync | cat >output'
  expect_failure "--sync cannot wait" eval 'repot image -q --sync --store-root . --closure closure -o docker-archive:- | cat >output'
  [[ ! -s output ]] || fail "the pipe has content"
}
refuses_a_daemon() {
  make_sources
  expect_usage_error repot image -q --sync --store-root . --closure closure -o docker-daemon:name:tag
  grep -qF "does not reach the disk of a Docker daemon" message
}
try "tar --sync exits after the archive is on disk" archives_durably
try "tar --sync exits after redirected output is on disk" redirects_durably
try "image --sync exits after an archive and the bill of materials are on disk" writes_images_durably
try "tar and image refuse --sync for a pipe" refuses_a_pipe
try "image refuses --sync for a Docker daemon" refuses_a_daemon
try "--sync reaches a file behind a symlink" syncs_behind_symlinks
try "a store path that cannot be written to disk is an error and absent" reports_failing_syncs
try "stage --sync exits after everything is on disk" stages_durably
try "-R --sync exits after everything is on disk" copies_durably
try "-R --sync into an existing directory exits after everything is on disk" merges_durably
try "-R --sync renames after the content is on disk" syncs_before_names
