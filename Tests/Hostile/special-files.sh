# Destinations and sources that are not regular files: devices, pipes, FIFOs, kernel files, leased files.
# shellcheck shell=bash

# A disk of 2 MiB without zeros, and a sparse image of 1 MiB with data at both ends.
make_disk_and_image() {
  head -c 2M /dev/zero | tr '\0' '\377' >disk
  truncate -s 1M image
  printf head | dd of=image conv=notrunc status=none
  printf tail | dd of=image bs=1 seek=1048572 conv=notrunc status=none
}
writes_holes_to_a_device() {
  make_disk_and_image
  local device
  device=$(attach disk)
  "${@:2}" --sparse="$1" image "$device"
  sync
  blockdev --flushbufs "$device"
  cmp -n 1048576 image "$device"
}
for sparse in auto always never; do
  try_both "a sparse image reaches a block device complete with --sparse=$sparse" writes_holes_to_a_device $sparse
done

writes_holes_to_a_pipe() {
  make_disk_and_image
  "$@" image /dev/stdout | cmp - image
}
for sparse in auto always never; do
  try "a sparse image passes through a pipe complete with --sparse=$sparse" writes_holes_to_a_pipe repot cp --sparse="$sparse"
done

writes_to_a_redirected_file() {
  make_disk_and_image
  "$@" image /dev/stdout >output
  cmp image output
}
try "a sparse image reaches a file through /dev/stdout" writes_to_a_redirected_file repot cp

writes_to_null() {
  make_disk_and_image
  repot cp image /dev/null
  repot cp --sparse=always image /dev/null
  as_cp -f image /dev/null
  [[ -c /dev/null ]]
}
try "/dev/null accepts a copy and stays a device" writes_to_null
reports_a_full_device() {
  make_disk_and_image
  expect_failure "'/dev/full'" repot cp image /dev/full
  expect_failure "'/dev/full'" as_cp image /dev/full
}
try "/dev/full is an error with its path" reports_a_full_device

waits_for_a_slow_reader() {
  head -c 3M /dev/urandom >file
  "$@" file /dev/stdout | { sleep 0.3 && cmp - file; }
}
try_both "a pipe is written at the pace of its reader" waits_for_a_slow_reader
try "an archive is written at the pace of its reader" eval '
  make_store_path; chmod u+w $store; head -c 3M /dev/urandom >$store/c; seal $store
  archive -o - | { sleep 0.3; tar -xO $store/c | cmp - $store/c; }'
waits_for_a_slow_fifo() {
  head -c 3M /dev/urandom >file
  mkfifo fifo
  { sleep 0.3 && cat >output; } <fifo 2>/dev/null &
  "$@" file fifo
  wait
  cmp file output
}
try_both "a FIFO is written at the pace of its reader" waits_for_a_slow_fifo

waits_for_a_reader() {
  echo 1 >file
  mkfifo fifo
  { sleep 0.5 && timeout 3 cat fifo >output; } 2>/dev/null &
  "$@" file fifo
  wait
  cmp file output
}
try_both "a FIFO without a reader is waited for" waits_for_a_reader
reads_no_image_from_a_fifo() {
  mkfifo fifo
  expect_failure "'fifo' is not a regular file" repot verify "$1:fifo"
  make_store_path
  expect_failure "'fifo' is not a regular file" repot image -q --store-root . --closure closure --base "$1:fifo" -o oci:out
}
try "a FIFO in place of an oci-archive is an error" reads_no_image_from_a_fifo oci-archive
try "a FIFO in place of a docker-archive is an error" reads_no_image_from_a_fifo docker-archive
waits_for_a_writer() {
  mkfifo fifo
  { sleep 0.3 && echo 1 >fifo; } 2>/dev/null &
  "$@" fifo output
  [[ $(cat output) == 1 ]]
}
try_both "a FIFO without a writer is waited for" waits_for_a_writer

# Samba and NFS servers hold leases like these.
hold_lease() {
  # shellcheck disable=SC2016
  in_background /usr/bin/python3 -c '
import fcntl, os, signal, sys, time
file = os.open(sys.argv[1], os.O_RDONLY if sys.argv[2] == "F_RDLCK" else os.O_RDWR)
signal.signal(signal.SIGIO, lambda *_: (time.sleep(0.2), fcntl.fcntl(file, fcntl.F_SETLEASE, fcntl.F_UNLCK)))
fcntl.fcntl(file, fcntl.F_SETLEASE, getattr(fcntl, sys.argv[2]))
open("leased", "w")
while True: time.sleep(0.1)' "$1" "$2"
  wait_until test -e leased
}
waits_for_a_lease_of_the_source() {
  mkdir source
  echo content >source/file
  hold_lease source/file F_WRLCK
  "${@:2}" "$1" copy
  diff -r "$1" copy
}
try_both "a write lease of the source is waited for" waits_for_a_lease_of_the_source source/file
try "a write lease in a tree is waited for" waits_for_a_lease_of_the_source source repot -R
waits_for_a_lease_of_the_destination() {
  echo content >file
  echo old >copy
  hold_lease copy F_RDLCK
  "$@" file copy
  cmp file copy
}
try_both "a read lease of the destination is waited for" waits_for_a_lease_of_the_destination
waits_for_a_lease_in_a_store() {
  make_store_path
  hold_lease $store/a F_WRLCK
  "$@"
}
try "stage waits for a write lease" waits_for_a_lease_in_a_store stage out
try "an archive waits for a write lease" waits_for_a_lease_in_a_store archive -o out.tar

# Kernel files have size 0, and answer a read of one byte with that byte and end-of-file afterwards.
copies_kernel_file() {
  local source=$1
  shift
  "$@" "$source" ours
  cat "$source" >theirs
  cmp ours theirs
}
try_both "an integer sysctl is copied complete" copies_kernel_file /proc/sys/kernel/pid_max
try "a directory of sysctls is copied like cat reads it" eval '
  repot cp -R /proc/sys/vm ours 2>/dev/null || true; gnu_cp -R /proc/sys/vm theirs 2>/dev/null || true; diff -r ours theirs'
if usable "page counts are copied in whole records" test -r /proc/kpagecount; then
  try "a file that refuses partial records is copied" eval '
    repot cp /proc/kpagecount ours; [[ $(stat -c %s ours) -gt 0 ]]; (($(stat -c %s ours) % 8 == 0))'
fi
# The archive has the bytes of the sysctl, or the command fails with its path.
archives_kernel_file() {
  mkdir -p $store
  : >$store/number
  seal $store
  echo "/$store" >closure
  mount --bind /proc/sys/kernel/pid_max $store/number
  if "$@" 2>message; then
    tar -xOf out.tar "${number:-$store/number}" | cmp - /proc/sys/kernel/pid_max
  else
    grep -q number message
  fi
}
try "an archive has a sysctl complete, or names it in an error" archives_kernel_file archive -o out.tar
try "an archive of a directory has a sysctl complete, or names it in an error" eval '
  number=number archives_kernel_file repot tar -q --rootfs $store -o out.tar'
try "stage copies a sysctl complete, or names it in an error" eval '
  archives_kernel_file eval "stage out && tar -C out -cf out.tar $store"'
