#define _GNU_SOURCE
#include "CInterrupt.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stddef.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

// Interrupts a system call by its handler, which does nothing. Ignored by default, and so harmless before the handler
// is installed.
static const int wake_signal = SIGURG;
static const int ending_signals[] = {SIGINT, SIGTERM, SIGHUP};
enum { ending_count = sizeof ending_signals / sizeof ending_signals[0], maximum_threads = 1200 };
// The time without a step after which a removal counts as stuck, and the time that `clean_up` may take without one.
static const int64_t stuck_nanoseconds = 1100000000, cleaning_nanoseconds = 500000000;

static _Atomic int caught;
static _Atomic int is_installed;
static _Atomic unsigned progress;
static _Atomic int32_t child;
static _Atomic pid_t threads[maximum_threads];
static _Thread_local int thread_slot = -1;
static _Thread_local int is_cleaning;
static void (*emergency)(void);
static sigset_t awaited;

static int64_t now(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return time.tv_sec * INT64_C(1000000000) + time.tv_nsec;
}

int clinux_start_thread(void *(*body)(void *), void *context) {
    pthread_attr_t attributes;
    int error = pthread_attr_init(&attributes);
    if (error != 0) return error;
    pthread_t thread;
    sigset_t all, before;
    sigfillset(&all);
    pthread_attr_setdetachstate(&attributes, PTHREAD_CREATE_DETACHED);
    pthread_attr_setstacksize(&attributes, 256 * 1024);
    pthread_sigmask(SIG_BLOCK, &all, &before);
    error = pthread_create(&thread, &attributes, body, context);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    pthread_attr_destroy(&attributes);
    return error;
}

int clinux_interrupt_signal(void) { return atomic_load_explicit(&caught, memory_order_relaxed); }

int clinux_interrupt_gives_up(void) { return clinux_interrupt_signal() != 0 && is_cleaning == 0; }

void clinux_interrupt_cleaning(int change) { is_cleaning += change; }

void clinux_interrupt_progress(void) { atomic_fetch_add_explicit(&progress, 1, memory_order_relaxed); }

void clinux_interrupt_forward(int32_t process) {
    atomic_store(&child, process);
    // The signal may have come before.
    int signal = clinux_interrupt_signal();
    if (signal != 0 && process != 0) kill(process, signal);
}

void clinux_interrupt_enter_thread(void) {
    if (!atomic_load_explicit(&is_installed, memory_order_relaxed)) return;
    sigset_t wake;
    sigemptyset(&wake);
    sigaddset(&wake, wake_signal);
    pthread_sigmask(SIG_UNBLOCK, &wake, NULL);
    pid_t self = (pid_t)syscall(SYS_gettid);
    for (int slot = 0; slot < maximum_threads; slot++) {
        pid_t expected = 0;
        if (!atomic_compare_exchange_strong(&threads[slot], &expected, self)) continue;
        thread_slot = slot;
        return;
    }
}

void clinux_interrupt_leave_thread(void) {
    if (thread_slot >= 0) atomic_store(&threads[thread_slot], 0);
    thread_slot = -1;
}

static void wake_threads(void) {
    for (int slot = 0; slot < maximum_threads; slot++) {
        pid_t thread = atomic_load(&threads[slot]);
        if (thread != 0) syscall(SYS_tgkill, getpid(), thread, wake_signal);
    }
}

static void forward_signal(int signal) {
    int32_t process = atomic_load(&child);
    if (process != 0) kill(process, signal);
}

static void end_by(int signal) {
    struct sigaction action = {.sa_handler = SIG_DFL};
    sigaction(signal, &action, NULL);
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, signal);
    pthread_sigmask(SIG_UNBLOCK, &set, NULL);
    kill(getpid(), signal);
    _exit(128 + signal);
}

static void end_stuck_process(int signal) {
    forward_signal(SIGKILL);
    _exit(128 + signal);
}

// Waits for a second signal, and returns if there is none.
static void pause_supervisor(int64_t nanoseconds) {
    struct timespec time = {.tv_sec = nanoseconds / 1000000000, .tv_nsec = nanoseconds % 1000000000};
    int second = sigtimedwait(&awaited, NULL, &time);
    if (second > 0) end_by(second);
}

static _Atomic int is_clean;

static void *clean_up(void *unused) {
    emergency();
    atomic_store(&is_clean, 1);
    return unused;
}

// Another thread does it, since a removal may get stuck as well.
static void clean_up_and_end(int signal) {
    if (emergency != NULL && clinux_start_thread(clean_up, NULL) == 0) {
        unsigned seen = atomic_load(&progress);
        int64_t since = now();
        while (!atomic_load(&is_clean) && now() - since < cleaning_nanoseconds) {
            pause_supervisor(10000000);
            if (atomic_load(&progress) == seen) continue;
            seen = atomic_load(&progress);
            since = now();
        }
    }
    end_stuck_process(signal);
}

// A program such as docker ends at the third signal.
static int is_time_to_forward(int64_t elapsed, int count) {
    return elapsed >= INT64_C(500000000) + count * INT64_C(200000000);
}

static void *supervise(void *unused) {
    int signal = 0;
    while (sigwait(&awaited, &signal) != 0) {}
    atomic_store(&caught, signal);
    forward_signal(signal);
    unsigned seen = atomic_load(&progress);
    int64_t begin = now(), since = begin, interval = 5000000;
    int forwarded = 0;
    // A thread may have been about to enter a system call when it was woken; with longer and longer intervals, a slow
    // call of a removal is not interrupted for ever.
    while (now() - since < stuck_nanoseconds) {
        wake_threads();
        pause_supervisor(interval);
        if (interval < 200000000) interval *= 2;
        if (is_time_to_forward(now() - begin, forwarded)) {
            forward_signal(signal);
            forwarded++;
        }
        if (atomic_load(&progress) == seen) continue;
        seen = atomic_load(&progress);
        since = now();
    }
    clean_up_and_end(signal);
    return unused;
}

static void ignore_wake(int signal) { (void)signal; }

// Without a thread to spare, the only thread interrupts itself: a timer repeats what one signal may have missed.

static int64_t tick_nanoseconds, stuck_since;
static unsigned tick_progress;
static int tick_forwarded;

static void set_timer(int64_t nanoseconds) {
    struct itimerval timer = {.it_value = {nanoseconds / 1000000000, nanoseconds % 1000000000 / 1000}};
    setitimer(ITIMER_REAL, &timer, NULL);
}

static void catch_signal(int signal) {
    int error = errno, expected = 0;
    if (!atomic_compare_exchange_strong(&caught, &expected, signal)) end_by(signal);
    forward_signal(signal);
    stuck_since = now();
    tick_progress = atomic_load(&progress);
    tick_nanoseconds = 5000000;
    set_timer(tick_nanoseconds);
    errno = error;
}

static void tick(int unused) {
    (void)unused;
    int error = errno, signal = clinux_interrupt_signal();
    if (atomic_load(&progress) != tick_progress) {
        tick_progress = atomic_load(&progress);
        stuck_since = now();
    }
    int64_t elapsed = now() - stuck_since;
    if (elapsed > stuck_nanoseconds + cleaning_nanoseconds) end_stuck_process(signal);
    if (is_time_to_forward(elapsed, tick_forwarded)) {
        forward_signal(signal);
        tick_forwarded++;
    }
    if (tick_nanoseconds < 200000000) tick_nanoseconds *= 2;
    set_timer(tick_nanoseconds);
    errno = error;
}

static int catch_in_this_thread(void) {
    struct sigaction action = {.sa_handler = tick};
    if (sigaction(SIGALRM, &action, NULL) != 0) return -1;
    action.sa_handler = catch_signal;
    for (int i = 0; i < ending_count; i++) {
        if (!sigismember(&awaited, ending_signals[i])) continue;
        if (sigaction(ending_signals[i], &action, NULL) != 0) return -1;
    }
    sigset_t unblocked = awaited;
    sigaddset(&unblocked, SIGALRM);
    return pthread_sigmask(SIG_UNBLOCK, &unblocked, NULL) == 0 ? 0 : -1;
}

int clinux_interrupt_install(void (*clean_up)(void)) {
    int expected = 0;
    if (!atomic_compare_exchange_strong(&is_installed, &expected, 1)) return 0;
    emergency = clean_up;
    sigemptyset(&awaited);
    for (int i = 0; i < ending_count; i++) {
        struct sigaction before;
        if (sigaction(ending_signals[i], NULL, &before) != 0) return -1;
        if (before.sa_handler != SIG_IGN) sigaddset(&awaited, ending_signals[i]);
    }
    struct sigaction wake = {.sa_handler = ignore_wake};
    if (sigaction(wake_signal, &wake, NULL) != 0) return -1;
    clinux_interrupt_enter_thread();
    // The supervisor waits for them; delivered to another thread, they would end the process.
    if (pthread_sigmask(SIG_BLOCK, &awaited, NULL) != 0) return -1;
    if (clinux_start_thread(supervise, NULL) == 0) return 0;
    return catch_in_this_thread();
}
