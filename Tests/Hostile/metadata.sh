# Metadata that cannot be read or kept never costs the content.
# shellcheck shell=bash

mount_btrfs() {
  make_image disk 128M mkfs.btrfs -qf
  mount_image disk btrfs
}
set_foreign_capability() {
  /usr/bin/python3 -c '
import os, struct, sys
os.setxattr(sys.argv[1], "security.capability", struct.pack("<6I", 0x03000001, 0x2000, 0, 0, 0, 1234))' "$1"
}

# Attributes that describe one file system only.
drops_btrfs_attributes() {
  mount_btrfs
  mkdir btrfs/source
  btrfs property set btrfs/source compression zstd
  echo data >btrfs/source/file
  "$@" btrfs/source out
  expect_equal_content btrfs/source out
}
try "attributes of btrfs are not required of another file system" drops_btrfs_attributes repot -R
try "called as cp: attributes of btrfs are not required of another file system" drops_btrfs_attributes as_cp -a
stages_from_btrfs() {
  mount_btrfs
  make_store_path btrfs
  chmod u+w btrfs/$store
  btrfs property set btrfs/$store compression zstd
  echo 3 >btrfs/$store/c
  seal btrfs/$store
  repot stage -q --store-root btrfs --closure btrfs/closure out
  repot tar -q --store-root btrfs --closure btrfs/closure -o out.tar
  expect_equal_content btrfs/$store out/$store
}
try "stage and tar accept attributes of btrfs" stages_from_btrfs

# File systems without owners or attributes.
copies_to_exfat() {
  make_image disk 16M mkfs.exfat
  mkdir exfat source
  mount.exfat-fuse "$(attach disk)" exfat >/dev/null
  echo 1 >source/file
  echo 2 >source/second
  chown 1234:1234 source/second
  setfattr -n user.note -v text source/second
  status=0
  "$@" source exfat/out 2>message || status=$?
  ((status <= 1))
  expect_equal_content source exfat/out
  ((status == 1)) || fail "lost owners and attributes without an error"
  grep -q exfat/out/second message
}
try "files that lose owners and attributes on exfat keep their content" copies_to_exfat repot -R
try "called as cp: files that lose owners and attributes on exfat keep their content" copies_to_exfat as_cp -a
copies_unmapped_owners() {
  mkdir source
  echo 1 >source/file
  ln -s file source/link
  mkfifo source/fifo
  chown -hR 4321:4321 source
  limited unshare --user --map-root-user "$work/repot" -R source out 2>message || status=$?
  ((${status:-0} == 1))
  grep -q out/file message
  cmp source/file out/file
  [[ -L out/link && -p out/fifo ]]
}
try "owners that a user namespace does not map cost no content" copies_unmapped_owners
copies_big_attributes() {
  make_image xfs 310M mkfs.xfs -qf
  make_image ext4 32M mkfs.ext4 -qF -b 1024
  mount_image xfs source
  mount_image ext4 destination
  echo 1 >source/file
  /usr/bin/python3 -c 'import os, sys; os.setxattr(sys.argv[1], "user.big", b"x" * 60000)' source/file
  "$@" source/file destination/copy
  cmp source/file destination/copy
}
try "called as cp: -a passes over attributes that do not fit" copies_big_attributes as_cp -a
try "called as cp: --preserve=all passes over attributes that do not fit" copies_big_attributes as_cp --preserve=all
reports_big_attributes() {
  copies_big_attributes expect_failure destination/copy "$@"
  grep -qi 'attribute' message
}
try "an attribute that does not fit is an error and costs no content" reports_big_attributes repot cp
copies_in_place_of_error() {
  make_image ext4 32M mkfs.ext4 -qF -b 1024
  mount_image ext4 destination
  mkdir source
  echo 1 >source/file
  setfacl -m "u:1:rwx$(printf ',u:%d:rwx' $(seq 2 200))" source/file
  expect_status 1 repot -R source destination/out 2>message
  grep -q out/file message
  cmp source/file destination/out/file
}
try "an ACL that does not fit is an error and costs no content" copies_in_place_of_error

# Attributes that cannot be read.
make_program() {
  mkdir source
  cp /bin/true source/ping
  chown -R 12345:12345 source
  set_foreign_capability source/ping
}
copies_foreign_capability() {
  make_program
  status=0
  limited "${user[@]}" unshare --user --map-root-user "${@:2}" source out || status=$?
  cmp source/ping out/ping
  [[ $status == "$1" ]]
}
try "a capability of another user namespace costs no content" copies_foreign_capability 0 "$work/repot" -R
try "called as cp: -a ignores a capability of another user namespace" copies_foreign_capability 0 "$work/cp" -a
try "--no-preserve=xattr ignores a capability of another user namespace" copies_foreign_capability 0 "$work/repot" cp -a --no-preserve=xattr
for errno in EIO EPERM EACCES ENOSYS E2BIG; do
  for call in fgetxattr flistxattr; do
    try "a file whose attributes fail in $call with $errno keeps its content" eval '
      mkdir source; echo 1 >source/file; setfattr -n user.note -v text source/file; setfacl -m u:1:rwx source/file; status=0
      limited strace -f -qq -o /dev/null -e inject=$call:error=$errno "$work/repot" -R source out 2>message || status=$?
      ((status <= 1)); cmp source/file out/file; ((status == 0)) || test -s message'
  done
done
archives_unreadable_attributes() {
  make_store_path
  chmod u+w $store $store/a
  set_foreign_capability $store/a
  seal $store
  chown -R 12345:12345 .
  limited "${user[@]}" unshare --user --map-root-user "$@"
}
try "an archive has the content of a file with a foreign capability" eval '
  archives_unreadable_attributes "$work/repot" tar -q --store-root . --closure closure -o out.tar; tar -xOf out.tar $store/a | cmp - $store/a'
try "stage copies a file with a foreign capability" eval '
  archives_unreadable_attributes "$work/repot" stage -q --store-root . --closure closure out; cmp $store/a out/$store/a'

# Groups that an ordinary user cannot set.
copies_unmapped_group() {
  mkdir source
  echo 1 >source/file
  chown -R 12345:12345 source
  chgrp 777 source/file
  limited setpriv --reuid 12345 --regid 12345 --groups 777 unshare --user --map-user=12345 --map-group=12345 "$@" source out
  cmp source/file out/file
}
try "a group that an ordinary user cannot set is skipped" copies_unmapped_group "$work/repot" -R
try "called as cp: a group that an ordinary user cannot set is skipped" copies_unmapped_group "$work/cp" -a
skips_refused_group() {
  mkdir source
  echo 1 >source/file
  chown -R 12345:12345 source
  chgrp 777 source/file
  limited setpriv --reuid 12345 --regid 12345 --groups 777 strace -f -qq -o /dev/null \
    -e inject=fchown,fchownat,lchown,chown:error="$1" "${@:2}" source out
  cmp source/file out/file
}
for errno in EPERM EINVAL; do
  try "an ordinary user whose groups are refused with $errno keeps the content" skips_refused_group $errno "$work/repot" -R
  try "called as cp: an ordinary user whose groups are refused with $errno keeps the content" skips_refused_group $errno "$work/cp" -a
done

# A set-ID bit grants the rights of the owner, so it must not survive a change of the owner.
make_set_id_program() {
  make_store_path
  chown -R 1500:1500 nix
  chmod 6555 "$store/a"
}
stages_without_set_id() {
  make_set_id_program
  stage --owner 0:0 out
  [[ $(stat -c '%a %u' "out/$store/a") == '555 0' ]]
  stage --owner 1500:1500 same
  [[ $(stat -c '%a %u' "same/$store/a") == '6555 1500' ]]
}
archives_without_set_id() {
  make_set_id_program
  repot tar -q --store-root . --closure closure -o a.tar
  tar -tvf a.tar | grep '^-r-xr-xr-x 0/0 .*/a$' >/dev/null
  repot tar -q --owner 1500:1500 --store-root . --closure closure -o same.tar
  tar -tvf same.tar | grep '^-r-sr-sr-x 1500/1500 .*/a$' >/dev/null
}
try "stage --owner drops set-id bits of another owner" stages_without_set_id
try "tar drops set-id bits of another owner" archives_without_set_id
