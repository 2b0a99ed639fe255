# Signals: one ends each kind of wait, and what was begun is removed.
# shellcheck shell=bash

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
  expect_no_temporaries
}
for signal in INT:130 TERM:143 HUP:129; do
  number=${signal#*:} signal=${signal%:*}
  try "one SIG$signal ends the wait for a FIFO" eval '
    mkfifo fifo; ends_at_signal $signal $number env --default-signal "$work/repot" cp fifo out; test ! -e out'
  try "one SIG$signal ends the wait for a reader of a FIFO" eval '
    mkfifo fifo; echo 1 >file; ends_at_signal $signal $number env --default-signal "$work/repot" cp file fifo'
  try "one SIG$signal ends a copy of a tree and removes what was begun" eval '
    mkdir source; seq 10 >source/file; mkfifo source/fifo;
    ends_at_signal $signal $number env --default-signal "$work/repot" cp -R --copy-contents source out; test ! -e out'
  try "one SIG$signal ends a question" eval '
    echo 1 >file; echo 2 >copy; mkfifo answers; exec 9<>answers;
    ends_at_signal $signal $number env --default-signal "$work/repot" cp -i file copy <answers; test "$(cat copy)" = 2'
  try "called as cp: one SIG$signal ends the wait for a FIFO" eval '
    mkfifo fifo; ends_at_signal $signal $number env --default-signal "$work/cp" fifo out'
done
try "one SIGTERM ends a run without threads" eval '
  mkdir source; mkfifo source/fifo; chmod -R a+rX .;
  ends_at_signal TERM 143 env --default-signal "${user[@]}" prlimit --nproc=1 "$work/repot" cp -R --copy-contents source out'

