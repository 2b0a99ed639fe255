# Seccomp filters: each system call that a copy makes fails, one at a time, with EPERM, ENOSYS and other errnos.
# The outcome is an equal copy, or exit status 1 and a path in the message. Where GNU cp copies, so does repot.
# shellcheck shell=bash

clang -O1 -o "$work/refuse" "$repository/Tests/Fixtures/refuse.c"

# constant NAME: the number of a SYS_ or errno constant, from the headers; headers before Linux 6.13 lack four of them.
declare -A constants=([SYS_setxattrat]=463 [SYS_getxattrat]=464 [SYS_listxattrat]=465 [SYS_removexattrat]=466)
constant() {
  [[ -n ${constants[$1]:-} ]] ||
    constants[$1]=$(clang -E -P -include sys/syscall.h -include errno.h - <<<"$1" | tail -n 1)
  REPLY=${constants[$1]}
}
# filter CALL[,CALL]... ERRNO: sets the array `filtered`, a prefix for commands. The calls for attributes by path are
# made only where those with a directory descriptor fail.
filter() {
  local call numbers=()
  [[ $1 != l*xattr ]] || numbers=(463 464 465 466)
  for call in ${1//,/ }; do
    constant "SYS_$call"
    [[ $REPLY == SYS_* || $REPLY == __NR_* ]] || numbers+=("$REPLY")
  done
  constant "$2"
  filtered=("$work/refuse" "$(IFS=, && echo "${numbers[*]}")" "$REPLY")
}
# family CALL: the calls that do the same in another form, which GNU cp may use instead.
family() {
  case $1 in
    *setxattr*) echo setxattr,lsetxattr,fsetxattr ;;
    *getxattr*) echo getxattr,lgetxattr,fgetxattr ;;
    *listxattr*) echo listxattr,llistxattr,flistxattr ;;
    chmod | fchmod*) echo chmod,fchmod,fchmodat,fchmodat2 ;;
    *chown*) echo chown,lchown,fchown,fchownat ;;
    unlink*) echo unlink,unlinkat,rmdir ;;
    readlink*) echo readlink,readlinkat ;;
    *) echo "$1" ;;
  esac
}

# Without these calls a program cannot start, run threads or end; any status but 0 will do, and any signal.
declare -A vital=([execve]=1 [mmap]=1 [munmap]=1 [mprotect]=1 [arch_prctl]=1 [set_tid_address]=1 [exit_group]=1 [exit]=1
  [futex]=1 [gettid]=1 [write]=1 [rt_sigreturn]=1)
# The calls that other calls replace, with the errnos that file systems and old kernels answer.
declare -A replaceable=([ioctl]=1 [copy_file_range]=1 [lseek]=1 [statx]=1 [preadv2]=1 [renameat2]=1 [flock]=1
  [fadvise64]=1 [fgetxattr]=1 [flistxattr]=1 [llistxattr]=1 [lgetxattr]=1 [fsetxattr]=1 [listxattrat]=1
  [getxattrat]=1)

make_mixed_tree() {
  mkdir -p "$1/directory/deeper" "$1/read-only"
  seq 100 >"$1/directory/small"
  seq 200000 >"$1/large"
  truncate -s 1M "$1/sparse"
  echo end >>"$1/sparse"
  : >"$1/empty"
  ln -s small "$1/directory/link"
  ln "$1/directory/small" "$1/second-name"
  [[ $1 == */store/* ]] || mkfifo "$1/fifo"
  setfattr -n user.note -v text "$1/directory/small"
  [[ $1 == */store/* ]] || setfacl -m u:1:rwx "$1/large"
  echo 1 >"$1/read-only/file"
  chmod 444 "$1/read-only/file"
  chmod 555 "$1/read-only"
}
# manifest DIRECTORY [attributes]: all that a copy keeps, and how many names share files.
manifest() {
  (
    cd "$1"
    find . \( -type d -printf '%P %y %m %U:%G %T@\n' -o -printf '%P %y %m %U:%G %T@ %s %l\n' \) | sort
    find . -type f -printf '%i\n' | sort -u | wc -l
    find . -type f -exec sha256sum {} + | sort
    if [[ ${2:-} == attributes ]]; then getfattr -R -P -h -d -m - . 2>/dev/null; fi
  )
}
contents() { (cd "$1" && find . -type f -exec sha256sum {} + | sort); }

# form NAME: sets `command`, `result` (the copy) and `reference` (the manifest that it must have).
form() {
  reference=manifest-source
  result=out
  case $1 in
    copy) command=("$work/repot" -R source out) ;;
    link) command=("$work/repot" -Rl source out) ;;
    cp) command=("$work/cp" -a source out) ;;
    gnu) command=(cp -a source out) ;;
    stage)
      command=("$work/repot" stage -q --store-root . --closure closure out)
      result=out/$store reference=manifest-store
      ;;
    tar)
      command=("$work/repot" tar -q --store-root . --closure closure -o out.tar)
      result=out/$store reference=manifest-store
      ;;
  esac
}
make_inputs() {
  mkdir refusals
  cd refusals
  make_mixed_tree source
  make_mixed_tree $store
  seal $store
  echo "/$store" >closure
  manifest source attributes >manifest-source
  manifest $store >manifest-store
  contents source >contents-source
}
# Removes the copies of the last run.
remove_copies() {
  find . nix/store -maxdepth 1 -name '.repot*' -print0 | xargs -0 -r rm -rf --
  rm -rf out out.tar
}
# is_equal FORM: whether the copy of a form equals its source.
is_equal() {
  [[ $1 != tar ]] || { mkdir out && tar -C out -xpf out.tar; } || return 1
  if [[ $reference == manifest-source ]]; then manifest "$result" attributes; else manifest "$result"; fi 2>&1 | cmp -s "$reference" -
}
# gnu_outcome CALL ERRNO: `equal`, `content` (status 0, and metadata lost) or `failed`, and the copy's manifest.
declare -A gnu_outcomes
gnu_outcome() {
  local calls
  calls=$(family "$1")
  REPLY=${gnu_outcomes[$calls $2]:-}
  [[ -z $REPLY ]] || return 0
  remove_copies
  filter "$calls" "$2"
  form gnu
  if ! limited "${filtered[@]}" "${command[@]}" >/dev/null 2>&1; then
    REPLY=failed
  elif is_equal gnu; then
    REPLY=equal
  elif contents out | cmp -s contents-source -; then
    REPLY=content
  else
    REPLY=failed
  fi
  gnu_outcomes[$calls $2]=$REPLY
}

# is_required FORM CALL OUTCOME: whether a form has to succeed, given the outcome of GNU cp.
is_required() {
  [[ -z ${vital[$2]:-} ]] || return 1
  case $1 in
    # An atomic store path may insist on a lock.
    stage) [[ $3 == equal && $2 != flock && -n ${replaceable[$2]:-} ]] ;;
    tar) false ;;
    cp) [[ $3 != failed ]] ;;
    *) [[ $3 == equal ]] ;;
  esac
}
# judge FORM CALL ERRNO: prints a line if the outcome is wrong; returns 1 if the program hangs.
judge() {
  local status=0 gnu where="$1, $2 fails with $3"
  gnu_outcome "$2" "$3"
  gnu=$REPLY
  remove_copies
  form "$1"
  filter "$2" "$3"
  limited "${filtered[@]}" "${command[@]}" >/dev/null 2>message || status=$?
  # A tree cannot be removed without these.
  [[ $2 == unlink* || $2 == getdents64 || -n ${vital[$2]:-} ]] || find . -name '.repot*' -printf "$where: left behind %p\n" -quit
  if ((status == 0)); then
    if is_equal "$1"; then return; fi
    if [[ $1 == cp && $gnu == content ]] && contents out | cmp -s contents-source -; then return; fi
    echo "$where: status 0 and another copy; GNU cp: $gnu"
  elif ((status == 124 || status == 137)); then
    echo "$where: hangs"
    return 1
  elif is_required "$1" "$2" "$gnu"; then
    echo "$where: status $status where GNU cp copies: $(head -n 1 message)"
  elif [[ -n ${vital[$2]:-} ]]; then
    return
  elif ((status != 1)); then
    echo "$where: status $status: $(head -n 1 message)"
  elif ! grep -q "'[^']*'" message; then
    echo "$where: no path in the message: $(head -n 1 message)"
  fi
}
# calls FORM: the system calls that a form makes, and those that it makes on older kernels. strace before 6.13 prints
# the numbers of the calls for attributes.
calls() {
  form "$1"
  remove_copies
  limited strace -f -qq -c -o calls "${command[@]}"
  awk '$1 ~ /^[0-9.]+$/ && $NF != "total" { print $NF }' calls |
    sed -E 's/^(syscall_0x1d1|listxattrat)$/listxattrat\nllistxattr/; s/^(syscall_0x1d0|getxattrat)$/getxattrat\nlgetxattr/;
      s/^syscall_0x1cf$/setxattrat/; s/^syscall_0x1d2$/removexattrat/'
}
judge_call() {
  local errno form errnos=(EPERM ENOSYS) wrong
  [[ -z ${replaceable[$1]:-} ]] || errnos+=(EINVAL EAGAIN EBADF)
  cd "$work/refusals"
  for form in "${@:2}"; do
    for errno in "${errnos[@]}"; do judge "$form" "$1" "$errno" || break 2; done
  done >wrong
  remove_copies
  [[ ! -s wrong ]] || fail "$(cat wrong)"
}

# repairs_without CALLS ERRNO: verify --repair replaces an altered store path, and then finds no fault.
repairs_without() {
  make_store_path
  repot stage -q --store-root . --closure closure --registration out
  chmod u+w out/$store/a
  echo altered >out/$store/a
  filter "$1" "$2"
  limited "${filtered[@]}" "$work/repot" verify -q --store-root . --repair out
  expect_equal $store out/$store
  expect_no_temporaries
}
for errno in EPERM ENOSYS EACCES; do
  for calls in statx renameat2 statx,renameat2; do
    try "verify --repair works where $calls fails with $errno" repairs_without $calls $errno
  done
done

cd "$work"
make_inputs
declare -A forms_of
for form in copy link cp stage tar; do
  for call in $(calls $form); do forms_of[$call]+=" $form"; done
done
cd "$work"
for call in $(printf '%s\n' "${!forms_of[@]}" | sort); do
  # shellcheck disable=SC2086
  check "a copy without $call is equal, or an error with a path" judge_call "$call" ${forms_of[$call]}
done
