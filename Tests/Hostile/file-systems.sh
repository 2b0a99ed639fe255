# File systems that lie, refuse, stall or generate their files: FUSE, lxcfs, overlay, ext4 with casefold, vfat.
# shellcheck shell=bash

# mount_liar [BACKING]
mount_liar() {
  mkdir -p lies
  in_background /usr/bin/python3 "$repository/Tests/Fixtures/lying.py" lies "$@"
  server=$!
  wait_until mountpoint -q lies
}
liar_content() { printf '0123456789%.0s' {1..20}; }
copies_lying_files() {
  local file
  mount_liar
  "${@:2}" "lies/$1" out
  for file in out/*; do
    liar_content | cmp - "$file"
  done
}
for group in sizes:size time:time blocks:"number of blocks"; do
  try "files whose ${group#*:} is wrong are copied complete" copies_lying_files "${group%:*}" repot -R
  try "called as cp: files whose ${group#*:} is wrong are copied complete" copies_lying_files "${group%:*}" as_cp -a
done
copies_lying_types() {
  mount_liar
  "$@" lies/types out
  liar_content | cmp - out/type-directory
  liar_content | cmp - out/type-fifo
  liar_content | cmp - out/type-link
  [[ -d out/directory-as-file && $(readlink out/link-as-file) == target ]]
}
try "entries are copied as stat reports them, whatever the listing says" copies_lying_types repot -R
try "called as cp: entries are copied as stat reports them, whatever the listing says" copies_lying_types as_cp -a
keeps_content_without_attribute() {
  mount_liar
  status=0
  "$@" lies/attributes out 2>message || status=$?
  liar_content | cmp - out/attribute
  ((status == 1))
  grep -q attribute message
}
try "an attribute that cannot be read is an error and costs no content" keeps_content_without_attribute repot -R
survives_huge_sizes() {
  mount_liar
  status=0
  "$@" lies/huge out 2>/dev/null || status=$?
  ((status <= 1)) || fail "exit status $status"
}
try "sizes near the end of the range do not end the program by a signal" survives_huge_sizes repot -R
try "a progress bar shows sizes near the end of the range" survives_huge_sizes repot cp -R --progress=always
stages_from_liar() {
  mkdir -p nix/store
  mount_liar
  mkdir $store
  mount --bind "lies/$1" $store
  echo "/$store" >closure
  status=0
  "${@:2}" || status=$?
  ((status <= 1)) || fail "exit status $status"
}
stages_lying_files() {
  stages_from_liar "$1" stage out 2>/dev/null
  if ((status == 0)); then
    for file in "out/$store"/*; do
      [[ ! -f $file ]] || liar_content | cmp - "$file"
    done
  fi
}
archives_lying_files() {
  stages_from_liar "$1" archive -o out.tar 2>/dev/null
  ((status == 1)) || {
    mkdir out
    tar -C out -xf out.tar
    for file in "out/$store"/*; do
      [[ ! -f $file ]] || liar_content | cmp - "$file"
    done
  }
}
for group in sizes time blocks types attributes; do
  try "stage of lying $group is complete, or an error" stages_lying_files $group
  try "an archive of lying $group is complete, or an error" archives_lying_files $group
done
# A server that is stopped has not begun to answer; a request that it has begun could not be ended by any signal.
stops_in_stuck_call() {
  mount_liar
  kill -STOP "$server"
  ends_at_signal TERM 143 env --default-signal "$work/repot" "$@"
}
try "one SIGTERM ends a copy from a file system that never answers" stops_in_stuck_call -R lies/sizes out
try "one SIGTERM ends a copy to a file system that never answers" eval '
  echo 1 >file; stops_in_stuck_call cp file lies/sizes/file'
try "called as cp: one SIGTERM ends a copy from a file system that never answers" eval '
  mount_liar; kill -STOP "$server"; ends_at_signal TERM 143 env --default-signal "$work/cp" -R lies/sizes out'
make_tree() {
  mkdir -p source/directory
  seq 1000 >source/directory/file
  ln -s file source/directory/link
  chmod 555 source/directory
}
copies_to_refuser() {
  make_tree
  mkdir backing
  mount_liar "$PWD/backing"
  "$@" source lies/out
  expect_equal_content source backing/out
  expect_no_temporaries backing
}
try "repot -R works where directories cannot be renamed and open files not removed" copies_to_refuser repot -R
try "called as cp: a copy works where directories cannot be renamed and open files not removed" copies_to_refuser as_cp -a
stages_to_refuser() {
  make_store_path
  mkdir backing
  mount_liar "$PWD/backing"
  if stage lies/out 2>message; then
    expect_equal_content $store backing/out/$store
  else
    grep -q out message
    [[ ! -e backing/out/$store ]]
    expect_no_temporaries backing
  fi
}
try "stage is complete or absent where directories cannot be renamed" stages_to_refuser

# lxcfs generates the files that containers see below /proc.
copies_lxcfs() {
  local name
  mkdir lxcfs
  in_background lxcfs -f --pidfile "$PWD/lxcfs.pid" "$PWD/lxcfs"
  wait_until test -r lxcfs/proc/meminfo
  for name in cpuinfo meminfo stat uptime swaps diskstats; do
    "$@" "lxcfs/proc/$name" "$name"
    [[ $(wc -l <"$name") == $(wc -l <"lxcfs/proc/$name") ]]
  done
}
try_both "generated files of lxcfs are copied complete" copies_lxcfs

copies_overlay() {
  mkdir lower upper work merged
  mount -t tmpfs none upper
  mkdir upper/upper upper/work
  (cd lower && make_tree)
  mount -t overlay -o lowerdir=lower,upperdir=upper/upper,workdir=upper/work none merged
  "$@" merged/source merged/out
  expect_equal_content lower/source merged/out
  "$@" lower/source merged/second
  expect_equal_content lower/source merged/second
}
try "an overlay is copied within itself and written to" copies_overlay repot -R
try "called as cp: an overlay is copied within itself and written to" copies_overlay as_cp -a

# File systems that this kernel may lack.
if usable "two files with one name in a casefold directory are an error" grep -q unicode /sys/fs/ext4/features/casefold /proc/filesystems; then
  refuses_casefold() {
    make_image disk 16M mkfs.ext4 -qF -O casefold
    mount_image disk folded
    mkdir folded/out source
    chattr +F folded/out
    echo UPPER >source/README
    echo lower >source/readme
    expect_failure folded/out/ repot -R source folded/out/copy
  }
  try "two files with one name in a casefold directory are an error" refuses_casefold
fi
if usable "two files with one name on vfat are an error" grep -qw vfat /proc/filesystems; then
  need dosfstools
  refuses_vfat() {
    make_image disk 16M mkfs.vfat
    mount_image disk folded
    mkdir source
    echo UPPER >source/README
    echo lower >source/readme
    expect_failure folded/out/ repot -R source folded/out
  }
  try "two files with one name on vfat are an error" refuses_vfat
fi
