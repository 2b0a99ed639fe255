// Threads whose creation may fail, and signals that end a run.
#ifndef CINTERRUPT_H
#define CINTERRUPT_H

#include <stdint.h>

// Starts a detached thread that takes no signals of the process. Returns 0, or an error number of pthread_create(3).
int clinux_start_thread(void *(*body)(void *), void *context);

// Catches the first SIGINT, SIGTERM or SIGHUP, each unless it is ignored. From then on, system calls of registered
// threads are interrupted until the process ends. The second signal ends the process at once. A process that makes
// no progress for a second, as one in a system call that does not return, is ended after `clean_up`. Returns 0, or -1
// with errno.
int clinux_interrupt_install(void (*clean_up)(void));

// The signal that was caught, 0 before.
int clinux_interrupt_signal(void);

// Registers the calling thread, whose system calls are to be interrupted, and the end of it. The thread that installs
// is registered.
void clinux_interrupt_enter_thread(void);
void clinux_interrupt_leave_thread(void);

// Whether an interrupted system call of this thread is to be given up: a signal was caught, and the thread is not
// removing what the run has begun.
int clinux_interrupt_gives_up(void);

// Begins (1) and ends (-1) the removal of something by this thread; may be nested.
void clinux_interrupt_cleaning(int change);

// Counts a step of a removal.
void clinux_interrupt_progress(void);

// A child process that receives the caught signal as well, repeatedly until it ends; 0 for none.
void clinux_interrupt_forward(int32_t process);

#endif
