# Requirements that GNU cp does not have: /proc, threads, open standard streams, locks, renames, descriptors, parent directories.
# shellcheck shell=bash

# Without /proc: a chroot with the executable alone, a hidden /proc, unreadable memory maps.
make_chroot() {
  mkdir -p bare/src/directory
  cp "$work/repot" bare/repot
  ln -s repot bare/cp
  echo 1 >bare/src/directory/file
  ln -s file bare/src/link
}
copies_in_chroot() {
  make_chroot
  limited chroot bare "$@" /src /out
  expect_equal bare/src bare/out
}
try "repot -R works in a bare chroot" copies_in_chroot /repot -R
try "repot cp works in a bare chroot" copies_in_chroot /repot cp -a
try "called as cp: a copy works in a bare chroot" copies_in_chroot /cp -a
stages_in_chroot() {
  make_chroot
  make_store_path bare
  limited chroot bare /repot "$@"
}
try "stage works in a bare chroot" eval '
  stages_in_chroot stage -q --closure /closure /out; expect_equal bare/$store bare/out/$store'
try "tar works in a bare chroot" eval '
  stages_in_chroot tar -q --closure /closure -o /out.tar; tar -xOf bare/out.tar $store/b | cmp - bare/$store/b'
reports_errors_in_chroot() {
  make_chroot
  expect_failure /nowhere limited chroot bare /repot -R /nowhere /out
  expect_failure /nowhere limited chroot bare /cp -a /nowhere /out
  limited chroot bare /repot --version
  expect_usage_error limited chroot bare /repot cp
}
try "errors have their status in a bare chroot" reports_errors_in_chroot
hides_proc() {
  mkdir source
  echo 1 >source/file
  unshare --mount bash -c 'mount -t tmpfs none /proc && exec "$@"' - "$@"
  expect_equal source out
}
try "repot -R works where /proc is hidden" hides_proc "$work/repot" -R source out
try "called as cp: a copy works where /proc is hidden" hides_proc "$work/cp" -a source out
hides_file() {
  mkdir source
  echo 1 >source/file
  limited strace -f -qq -o /dev/null -P "$1" -e inject=open,openat,readlink,readlinkat:error=EACCES "${@:2}" source out
  expect_equal source out
}
for file in /proc/self/maps /proc/self/exe /proc/self/fd; do
  try "repot -R works where $file is unreadable" hides_file $file "$work/repot" -R
done
uses_foreign_proc() {
  mkdir source
  echo 1 >source/file
  in_background unshare --mount --pid --fork --mount-proc sleep 30
  wait_until pgrep -P $!
  limited nsenter --mount="/proc/$(pgrep -P $!)/ns/mnt" --wd="$PWD" "$work/repot" -R source out
  expect_equal source out
}
try "repot -R works where /proc belongs to another PID namespace" uses_foreign_proc
requires_arguments() {
  expect_usage_error limited /usr/bin/python3 -c 'import os, sys; os.execv(sys.argv[1], [""])' "$work/repot"
}
try "a call without any argument is an error" requires_arguments

# Standard streams that are closed when the program starts.
copies_with_closed_streams() {
  local closing=$1
  mkfifo fifo
  { echo begin && sleep 0.6 && echo end; } >fifo 2>/dev/null &
  eval "repot cp --progress=always fifo out $closing"
  wait
  [[ $(cat out) == $'begin\nend' ]]
  mkdir source
  seq 1000 | split -l 10 - source/x
  chmod 000 source/xaa
  eval "repot -R -v source copy $closing" >/dev/null || true
  expect_equal_content source copy
}
for closing in "<&-" ">&-" "2>&-" "<&- >&-" "<&- 2>&-" ">&- 2>&-" "<&- >&- 2>&-"; do
  try "no message lands in a file with these streams closed: $closing" copies_with_closed_streams "$closing"
done
reports_closed_output() {
  echo 1 >file
  expect_failure "write error: Bad file descriptor" eval 'as_cp -v file copy >&-'
  cmp file copy
}
try "called as cp: -v with a closed standard output is a write error" reports_closed_output
archives_with_closed_streams() {
  make_store_path
  archive -o out.tar <&- >&- 2>&-
  tar -xOf out.tar $store/b | cmp - $store/b
  expect_usage_error eval 'archive -o - >&-'
}
try "an archive is complete where all streams are closed" archives_with_closed_streams

# Limits of threads, memory and descriptors.
make_many_files() {
  mkdir -p source/a/b
  seq 500 | split -l 10 - source/a/x
  cp source/a/xaa source/a/b/file
  chmod -R a+rX source
}
copies_as_one_thread() {
  make_many_files
  make_store_path
  limited "${user[@]}" prlimit --nproc=1 "$@"
}
try "repot -R works without a second thread" eval 'copies_as_one_thread "$work/repot" -R source out; expect_equal_content source out'
try "repot -R -j8 works without a second thread" eval 'copies_as_one_thread "$work/repot" -R -j8 source out; expect_equal_content source out'
try "called as cp: a copy works without a second thread" eval '
  copies_as_one_thread "$work/cp" -R source out; expect_equal_content source out'
try "stage works without a second thread" eval '
  copies_as_one_thread "$work/repot" stage -q --store-root . --closure closure out; expect_equal_content $store out/$store'
try "tar works without a second thread" eval '
  copies_as_one_thread "$work/repot" tar -q --store-root . --closure closure -o out.tar; tar -xOf out.tar $store/b | cmp - $store/b'
try "tar --compression works without a second thread" eval '
  copies_as_one_thread "$work/repot" tar -q --store-root . --closure closure --compression zstd -o out.tar; zstd -dc out.tar | tar -xO $store/b | cmp - $store/b'
try "an image works without a second thread" eval '
  copies_as_one_thread "$work/repot" image -q --store-root . --closure closure -o oci:out; test -e out/index.json'
copies_in_pids_cgroup() {
  make_many_files
  mkdir "$pids/repot-test"
  echo 1 >"$pids/repot-test/pids.max"
  status=0
  limited bash -c 'echo $$ >"$1/cgroup.procs" && exec "${@:2}"' - "$pids/repot-test" "$work/repot" -R source out || status=$?
  rmdir "$pids/repot-test"
  ((status == 0)) || fail "exit status $status"
  expect_equal_content source out
}
pids=/sys/fs/cgroup/pids
[[ -d $pids ]] || pids=/sys/fs/cgroup
limits_processes() {
  mkdir "$pids/repot-probe"
  test -e "$pids/repot-probe/pids.max"
  local status=$?
  rmdir "$pids/repot-probe"
  return "$status"
}
if usable "repot -R works in a full pids cgroup" limits_processes; then
  try "repot -R works in a full pids cgroup" copies_in_pids_cgroup
fi
ends_with_little_memory() {
  make_many_files
  local limit status
  for limit in 2000 8000 16000 24000 29004 32000 40000 60000 100000; do
    rm -rf out
    status=0
    (
      ulimit -v "$limit"
      exec timeout -k 2 10 "$work/repot" -R source out
    ) 2>message || status=$?
    ((status != 124 && status != 137)) || fail "waits forever with $limit KiB"
    ((status != 0)) || expect_equal_content source out
    if ((status >= 128 && limit > 24000)); then fail "status $status with $limit KiB: $(cat message)"; fi
    expect_no_temporaries
  done
}
try "a run with little memory ends, and 0 means an equal copy" ends_with_little_memory
copies_with_few_descriptors() {
  make_many_files
  (
    ulimit -n "$1"
    exec timeout -k 2 20 "${@:2}" source out
  )
  expect_equal_content source out
}
for limit in 6 7 8 10 16; do
  try "$limit descriptors are enough for repot -R" copies_with_few_descriptors $limit "$work/repot" -R
done
try "called as cp: six descriptors are enough" copies_with_few_descriptors 6 "$work/cp" -R
try "six descriptors are enough for repot -Rl" copies_with_few_descriptors 6 "$work/repot" -Rl
make_deep_store_path() {
  mkdir -p $store/a/b/c/d/e/f/g/h
  echo 1 | tee $store/file $store/a/file $store/a/b/c/d/e/f/g/h/file >/dev/null
  seal $store
  echo "/$store" >closure
}
stages_with_few_descriptors() {
  make_deep_store_path
  (
    ulimit -n 12
    stage out
    archive -o out.tar
    repot image -q --store-root . --closure closure -o oci:image
    repot verify -q --store-root . --closure closure out
  )
  expect_equal_content $store out/$store
  mkdir unpacked
  tar -C unpacked -xf out.tar
  expect_equal_content $store unpacked/$store
}
try "twelve descriptors are enough for stage, tar, image and verify" stages_with_few_descriptors
needs_twelve_descriptors() {
  make_deep_store_path
  (ulimit -n 11 && expect_failure "12 are needed" stage out)
  [[ ! -e out ]]
}
try "stage with fewer descriptors is an error before anything is written" needs_twelve_descriptors
stops_at_the_size_limit() {
  head -c 3M /dev/zero >file
  (ulimit -f 1024 && expect_failure "'copy'" "$@" file copy)
  (ulimit -f 1024 && expect_failure "'copy'" "$@" -v file copy)
  expect_no_temporaries
}
try_both "a file above the size limit is an error with its path" stops_at_the_size_limit

# Locks, renames and unlinking at the destination.
copies_under_fault() {
  make_many_files
  limited strace -f -qq -o /dev/null -e inject="$1" "${@:2}" source out
  expect_equal_content source out
  expect_no_temporaries
}
for errno in ENOSYS ENOLCK EOPNOTSUPP EPERM; do
  try "repot -R works where flock fails with $errno" copies_under_fault flock:error=$errno "$work/repot" -R
done
try "repot -R works where directories cannot be renamed" copies_under_fault rename,renameat,renameat2:error=EXDEV "$work/repot" -R
try "repot -R works where renames are refused" copies_under_fault rename,renameat,renameat2:error=EPERM "$work/repot" -R
appends_only() {
  make_many_files
  make_image disk 16M mkfs.ext4 -qF
  mount_image disk mounted
  mkdir mounted/backup
  chattr +a mounted/backup
  "$@" source mounted/backup/new
  expect_equal_content source mounted/backup/new
  [[ $(ls -A mounted/backup) == new ]]
}
try "repot -R works in an append-only directory" appends_only repot -R
try "called as cp: a copy works in an append-only directory" appends_only as_cp -R
works_below_closed_parents() {
  mkdir -p closed/open/source
  echo 1 >closed/open/source/file
  chown -R 12345 closed/open
  chmod 700 closed
  cd closed/open
  limited "${user[@]}" "$work/repot" -R source out
  limited "${user[@]}" "$work/repot" cp -R source/. out
  limited "${user[@]}" "$work/cp" -R source second
  expect_equal_content source out
  expect_equal_content source second
}
try "a copy works below parent directories that cannot be examined" works_below_closed_parents
finds_itself() {
  mkdir -p source/directory
  expect_failure "itself" "$@" source source/directory/out
}
try "a copy into itself is still refused" finds_itself repot -R
suggests_command() {
  echo 1 >file
  expect_usage_error repot stgae file out
  grep -q stage message
  [[ ! -e out ]]
}
try "a mistyped command is reported with a suggestion" suggests_command
