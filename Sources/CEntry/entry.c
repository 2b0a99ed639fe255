#define _GNU_SOURCE
#include "CEntry.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static int argument_count;
static char **arguments;

// Settings that keep the runtime's initializers from looking for the swift-backtrace program: without /proc/self/exe
// they abort with "Unable to obtain Swift runtime path". Source: swift, stdlib/public/runtime/Backtrace.cpp.
static const char *const runtime_settings[][2] = {
    {"SWIFT_BACKTRACE", "SWIFT_BACKTRACE=enable=no,swift-backtrace=/"},
    {"SWIFT_ROOT", "SWIFT_ROOT=/"},
};
enum { setting_count = sizeof runtime_settings / sizeof runtime_settings[0] };
static int is_added[setting_count];

// Occupies a standard descriptor that is closed, so that no file of the run gets its number and no message can reach
// a file. Reading from 0 and writing to 1 and 2 still fail with EBADF. /dev/full makes `repot cp FILE /dev/stdout`
// fail, too; a chroot may have no devices.
static void occupy(int descriptor) {
    if (fcntl(descriptor, F_GETFD) >= 0 || errno != EBADF) return;
    int opened = -1;
    if (descriptor != STDIN_FILENO) opened = open("/dev/full", O_RDONLY | O_NOCTTY);
    if (opened < 0) opened = open("/dev/null", (descriptor == STDIN_FILENO ? O_WRONLY : O_RDONLY) | O_NOCTTY);
    if (opened < 0) opened = open("/", O_PATH);
    if (opened < 0) _exit(1);
}

// The Swift runtime ends the process like this when it gets no memory, and glibc when the kernel refuses a futex.
static void end_with_status(int signal) {
    (void)signal;
    static const char message[] = "repot: ended by a lack of memory or an internal error; the run is incomplete\n";
    ssize_t written = write(STDERR_FILENO, message, strlen(message));
    (void)written;
    _exit(1);
}

static void catch_aborts(void) {
    static const int signals[] = {SIGABRT, SIGILL, SIGTRAP};
    struct sigaction action = {.sa_handler = end_with_status};
    for (size_t i = 0; i < sizeof signals / sizeof signals[0]; i++) sigaction(signals[i], &action, NULL);
}

static void begin(int count, char **vector, char **environment) {
    (void)environment;
    argument_count = count;
    arguments = vector;
    for (int descriptor = 0; descriptor <= 2; descriptor++) occupy(descriptor);
    for (int i = 0; i < setting_count; i++) {
        is_added[i] = getenv(runtime_settings[i][0]) == NULL && putenv((char *)runtime_settings[i][1]) == 0;
    }
}

// Runs before the initializers of the program and of its shared libraries. glibc passes the arguments of main, in
// static executables too.
__attribute__((section(".preinit_array"), used)) static void (*const first_function)(int, char **, char **) = begin;

static void restore_environment(void) {
    for (int i = 0; i < setting_count; i++) {
        if (is_added[i]) unsetenv(runtime_settings[i][0]);
        is_added[i] = 0;
    }
}

// The dynamic section, which static executables lack.
extern const char _DYNAMIC[] __attribute__((weak, visibility("hidden")));

// In a dynamic executable, such as the tests, the runtime has been initialized by now.
__attribute__((constructor)) static void end_of_initialization(void) {
    if (_DYNAMIC != NULL) restore_environment();
}

void centry_begin(void) {
    restore_environment();
    catch_aborts();
}

int centry_argument_count(void) { return argument_count; }

char *const *centry_arguments(void) { return arguments; }
