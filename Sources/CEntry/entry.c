#define _GNU_SOURCE
#include "CEntry.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
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

// glibc passes the arguments of main to constructors, in static executables too. 101 is the first priority that
// programs may use: the runtime's initializers come later.
__attribute__((constructor(101))) static void begin(int count, char **vector) {
    argument_count = count;
    arguments = vector;
    for (int descriptor = 0; descriptor <= 2; descriptor++) occupy(descriptor);
    for (int i = 0; i < setting_count; i++) {
        is_added[i] = getenv(runtime_settings[i][0]) == NULL && putenv((char *)runtime_settings[i][1]) == 0;
    }
}

int centry_argument_count(void) { return argument_count; }

char *const *centry_arguments(void) { return arguments; }

void centry_restore_environment(void) {
    for (int i = 0; i < setting_count; i++) {
        if (is_added[i]) unsetenv(runtime_settings[i][0]);
    }
}
