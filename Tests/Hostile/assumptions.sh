# Names, modes, owners, types, times and existing store paths that differ from the usual.
# shellcheck shell=bash

# Names that are one name at the destination: NTFS without case, in files, directories, symlinks and store paths.
mount_ntfs() {
  make_image disk 16M mkfs.ntfs -qFf
  mkdir -m 777 folded
  lowntfs-3g -o "ignore_case,permissions${1:+,$1}" "$(attach disk)" folded
}
make_folding_files() {
  mkdir source
  echo UPPER >source/README
  echo lower >source/readme
}
make_folding_directories() {
  mkdir -p source/Dir source/dir
  echo 1 >source/Dir/one
  echo 2 >source/dir/two
}
make_folding_symlinks() {
  mkdir source
  ln -s one source/Link
  ln -s two source/link
}
make_folding_kinds() {
  mkdir -p source/name
  echo 1 >source/name/file
  echo 2 >source/Name
}
refuses_folding() {
  mount_ntfs
  "make_folding_$1"
  expect_failure "$2" "${@:3}" source folded/out
  [[ $(find folded/out -mindepth 1 -maxdepth 1 | wc -l) == 1 ]]
  expect_no_temporaries folded
}
for kind in files symlinks directories "kinds of entries"; do
  # The file system determines which of the two names comes first.
  try "two $kind with one name at the destination are an error" refuses_folding "${kind%% *}" folded/out/ repot -R
done
try "called as cp: two files with one name at the destination are an error" refuses_folding files folded/out/ as_cp -a
try "with -v, two files with one name at the destination are an error" refuses_folding files folded/out/ repot cp -Rv
keeps_the_first_of_two_files() {
  mount_ntfs
  make_folding_files
  expect_status 1 repot -R source folded/out 2>/dev/null
  cmp folded/out/* source/README || cmp folded/out/* source/readme
}
try "of two files with one name at the destination, one stays complete" keeps_the_first_of_two_files
keeps_operands_apart() {
  mount_ntfs
  make_folding_files
  mkdir folded/out
  expect_failure folded/out/ "$@" source/README source/readme folded/out
  # Operands are copied in any order.
  cmp source/README folded/out/readme || cmp source/readme folded/out/readme
}
try "two operands with one name at the destination are an error" keeps_operands_apart repot cp
refuses_folding_in_a_store() {
  mount_ntfs
  mkdir -p $store
  echo 1 >$store/File
  echo 2 >$store/file
  seal $store
  echo "/$store" >closure
  expect_failure /out/ stage folded/out
  [[ ! -e folded/out/$store ]]
}
try "stage refuses a store path whose names are one name at the destination" refuses_folding_in_a_store
accepts_existing_spelling() {
  mount_ntfs
  mkdir -p source folded/out
  echo new >source/readme
  echo old >folded/out/README
  repot -R source/. folded/out
  [[ $(cat folded/out/README) == new ]]
}
try "an existing file with another spelling is overwritten as usual" accepts_existing_spelling

# Mounts with modes or owners of their own.
mount_bindfs() {
  mkdir -p behind forced
  bindfs "$@" behind forced
}
make_private_source() {
  mkdir source
  chmod 755 source
  echo 1 >source/secret
  chmod 600 source/secret
}
reports_lost_modes() {
  make_private_source
  mount_bindfs --perms=0644:u+rwD:a+rD:a+xD --chmod-deny --xattr-none
  mkdir -p forced/existing
  expect_failure secret "$@" source forced/out
  expect_failure secret "$@" source/. forced/existing
  cmp source/secret forced/out/secret
  cmp source/secret forced/existing/secret
}
try "a mode that a mount does not keep is an error with the path" reports_lost_modes repot -R
try "called as cp: a mode that a mount does not keep is an error with the path" reports_lost_modes as_cp -a
reports_each_lost_mode() {
  make_private_source
  cp -p source/secret source/second
  mount_bindfs --perms=0644:u+rwD:a+rD:a+xD --chmod-deny --xattr-none
  expect_status 1 repot -R source forced/out 2>message
  grep -q /secret message
  grep -q /second message
}
try "each mode that a mount does not keep is an error" reports_each_lost_mode
reports_silently_lost_modes() {
  make_private_source
  mount_bindfs --chmod-ignore --create-with-perms=og=r:ogd+x --xattr-none
  "$@" source forced/out 2>message || true
  [[ $(stat -c %a forced/out/secret) == 600 ]] || grep -q secret message
}
try "a mode that a mount accepts and does not keep is an error" reports_silently_lost_modes repot -R
reports_lost_owners() {
  make_private_source
  chown 1234:1234 source/secret
  mount_bindfs --force-user=nobody --force-group=nogroup --chown-deny --xattr-none
  expect_failure secret "$@" source forced/out
  cmp source/secret forced/out/secret
}
try "an owner that a mount does not keep is an error with the path" reports_lost_owners repot -R
try "called as cp: an owner that a mount does not keep is an error with the path" reports_lost_owners as_cp -a
reports_lost_owners_of_root() {
  make_private_source
  chown -R root:root source
  mount_bindfs --create-for-user=nobody --create-for-group=nogroup --chown-deny --xattr-none
  mkdir -p behind/existing
  expect_failure secret repot -R source/. forced/existing
}
try "an owner that a mount gives to new files is an error with the path" reports_lost_owners_of_root
stages_lost_modes() {
  make_store_path
  chmod u+w $store
  install -m 600 /dev/null $store/secret
  seal $store
  mount_bindfs --perms=0644:u+rwD:a+rD:a+xD --chmod-deny --xattr-none
  expect_status 1 stage forced/out
}
try "stage fails where a mount does not keep modes" stages_lost_modes

# Store paths that exist, complete or not.
finishes_store_path() {
  make_store_path
  mkdir -p "out/$store_path"
  "$@"
  repot -R $store out
  expect_equal $store "out/$store_path"
}
try "repot -R completes a store path that cp -R has begun" finishes_store_path cp -R $store/a out/$store_path
try "repot -R completes a store path that cp -a has begun" finishes_store_path cp -a $store/a out/$store_path
try "repot -R completes a store path with wrong content" finishes_store_path cp $store/a out/$store_path/b
try "repot -R replaces an empty directory with the name of a store path" finishes_store_path true
keeps_complete_store_path() {
  make_store_path
  repot -R $store out
  stat -c '%i %z' out out/a >before
  mkdir parent
  repot -R $store parent
  inode=$(stat -c '%i %Z' "parent/$store_path/a")
  repot -R $store parent
  [[ $(stat -c '%i %Z' "parent/$store_path/a") == "$inode" ]]
}
try "a complete store path is not written again" keeps_complete_store_path
finishes_staged_path() {
  make_store_path
  mkdir -p out/$store
  "$@"
  stage out
  expect_equal $store out/$store
}
try "stage completes a store path that cp -R has begun" finishes_staged_path cp -R $store/a out/$store
try "stage completes a store path with wrong content" finishes_staged_path cp $store/a out/$store/b
try "stage replaces an empty directory with the name of a store path" finishes_staged_path true
finishes_store_file() {
  mkdir -p nix/store
  echo content >$store
  seal nix/store/$store_path
  echo "/$store" >closure
  mkdir -p out/nix/store copies
  head -c 3 $store >out/$store
  head -c 3 $store >copies/$store_path
  stage out
  repot -R $store copies
  cmp $store out/$store
  cmp $store copies/$store_path
}
try "a store path that is a truncated file is completed" finishes_store_file

# The rule that makes a source …/store/HASH-NAME atomic.
leaves_no_part() {
  make_store_path
  mkdir out
  mkdir links
  ln -s ../nix/store links/store
  chmod u+w $store
  head -c 10M /dev/zero >$store/large
  seal $store
  local out=$PWD/out
  cd "$1"
  (
    ulimit -f 1024
    trap '' XFSZ
    expect_status 1 repot -R "$2" "$out" 2>/dev/null
  )
  [[ ! -e $out/$store_path ]]
  expect_no_temporaries "$out"
}
try "a store path is copied completely or not at all" leaves_no_part . $store
try "a relative store path is copied completely or not at all" leaves_no_part nix store/$store_path
try "a store path behind a symlink is copied completely or not at all" leaves_no_part . links/store/$store_path
merges_other_names() {
  mkdir -p "other/$store_path" "out/$store_path"
  echo 1 >"other/$store_path/a"
  echo kept >"out/$store_path/kept"
  repot -R "other/$store_path" out
  [[ $(cat "out/$store_path/a" "out/$store_path/kept") == $'1\nkept' ]]
}
try "a source outside a directory named store is merged" merges_other_names

# The file type in a directory listing, which mounts and FUSE file systems do not keep.
copies_mounted_nodes() {
  mkdir -p source
  : >source/null
  mount --bind /dev/null source/null
  "$@" source out
  [[ -c out/null ]]
}
try "a device that is mounted on a file is copied as a device" copies_mounted_nodes repot -R
try "called as cp: a device that is mounted on a file is copied as a device" copies_mounted_nodes as_cp -a
copies_mounted_links() {
  mkdir -p $store
  : >$store/null
  seal $store
  echo "/$store" >closure
  mount --bind /dev/null $store/null
  "$@"
}
try "stage copies a device that is mounted on a file" eval 'copies_mounted_links stage out; [[ -c out/$store/null ]]'
try "an archive names a device that is mounted on a file, or has it" eval '
  copies_mounted_links archive -o out.tar 2>message && tar -tvf out.tar | grep "^c.*null" >/dev/null || grep null message'

# Times and links of -u.
updates_at_coarse_times() {
  make_image disk 16M mkfs.ext4 -qF -I 128
  mount_image disk coarse
  echo one >file
  touch -d '2024-05-05 10:00:00.7' file
  "$@" -a file coarse/file
  [[ -z $("$@" -auv file coarse/file) ]]
  touch -d '2024-05-05 10:00:01.2' file
  [[ -n $("$@" -auv file coarse/file) ]]
}
try_both "-u compares times as precisely as the destination stores them" updates_at_coarse_times
rebuilds_links() {
  mkdir source out
  echo 1 >source/a
  ln source/a source/b
  cp -p source/a out/a
  cp -p source/b out/b
  "$@" -au source/. out
  [[ $(stat -c %h out/a) == 2 ]]
}
try_both "-au rebuilds hard links between files that are up to date" rebuilds_links

# A directory is never more open than its source while it is filled.
stays_closed() {
  umask 002
  mkdir -p parent out
  chmod "$1" parent
  mkfifo parent/fifo
  chmod g+s out
  (limited "${@:3}" parent out & echo $! >copier) >/dev/null 2>&1
  wait_until test -e out/parent
  sleep 0.2
  mode=$(stat -c %a out/parent)
  kill "$(cat copier)" || true
  [[ $mode == "$2" ]] || fail "mode $mode instead of $2"
}
try "a directory is not writable for others while it is filled" stays_closed 775 2755 "$work/repot" cp -R --preserve=mode --no-preserve=ownership --copy-contents --parents
try "a directory is closed to others while its owner is not set" stays_closed 775 2700 "$work/repot" cp -R --preserve=mode,ownership --copy-contents --parents
try "called as cp: a directory is not writable for others while it is filled" stays_closed 775 2755 "$work/cp" -R --preserve=mode --copy-contents --parents
try "called as cp: a directory is closed to others while its owner is not set" stays_closed 775 2700 "$work/cp" -R --preserve=mode,ownership --copy-contents --parents
