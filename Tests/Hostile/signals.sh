# Signals: one ends each kind of wait, and what was begun is removed.
# shellcheck shell=bash

# ends_while_working SIGNAL STATUS ARGUMENT...: a command on a store path with many files, each of which opens slowly.
ends_while_working() {
  make_store_path
  chmod u+w $store
  (cd $store && seq -f file%g 300 | xargs touch)
  seal $store
  mkdir out
  "$work/repot" stage -q --store-root . --closure closure staged
  ends_cleanly "$1" "$2" strace -D -f -qq -o /dev/null -e trace=openat -e inject=openat:delay_exit=20000 \
    env --default-signal "$work/repot" "${@:3}" --store-root . --closure closure
  [[ -z $(find out -type f ! -name oci-layout ! -name index.json) ]] || fail "an entry has its name: $(find out)"
}

for signal in INT:130 TERM:143 HUP:129; do
  number=${signal#*:} signal=${signal%:*}
  try "one SIG$signal ends the wait for a FIFO" eval '
    mkfifo fifo; ends_cleanly $signal $number env --default-signal "$work/repot" cp fifo out; test ! -e out'
  try "one SIG$signal ends the wait for a reader of a FIFO" eval '
    mkfifo fifo; echo 1 >file; ends_cleanly $signal $number env --default-signal "$work/repot" cp file fifo'
  try "one SIG$signal ends a copy of a tree and removes what was begun" eval '
    mkdir source; seq 10 >source/file; mkfifo source/fifo;
    ends_cleanly $signal $number env --default-signal "$work/repot" cp -R --copy-contents source out; test ! -e out'
  try "one SIG$signal ends a question" eval '
    echo 1 >file; echo 2 >copy; mkfifo answers; exec 9<>answers;
    ends_cleanly $signal $number env --default-signal "$work/repot" cp -i file copy <answers; test "$(cat copy)" = 2'
  for command in "stage out" "tar -o out/tar" "image -o oci:out" "image -o docker-archive:out/tar" \
    "image -o oci-archive:out/tar.gz --sync" "verify staged"; do
    # shellcheck disable=SC2086
    try "one SIG$signal ends $command and removes what was begun" ends_while_working $signal $number $command
  done
  try "called as cp: one SIG$signal ends the wait for a FIFO" eval '
    mkfifo fifo; ends_cleanly $signal $number env --default-signal "$work/cp" fifo out'
done
try "one SIGTERM ends a run without threads" eval '
  mkdir source; mkfifo source/fifo; chmod -R a+rX .;
  ends_cleanly TERM 143 env --default-signal "${user[@]}" prlimit --nproc=1 "$work/repot" cp -R --copy-contents source out'

