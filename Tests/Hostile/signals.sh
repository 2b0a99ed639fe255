# Signals: one ends each kind of wait, and what was begun is removed.
# shellcheck shell=bash

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
  try "called as cp: one SIG$signal ends the wait for a FIFO" eval '
    mkfifo fifo; ends_cleanly $signal $number env --default-signal "$work/cp" fifo out'
done
try "one SIGTERM ends a run without threads" eval '
  mkdir source; mkfifo source/fifo; chmod -R a+rX .;
  ends_cleanly TERM 143 env --default-signal "${user[@]}" prlimit --nproc=1 "$work/repot" cp -R --copy-contents source out'

