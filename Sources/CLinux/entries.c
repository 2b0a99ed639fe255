// Calls on a directory entry itself, which may be a symlink or a special file. Old kernels have no such calls with a
// directory descriptor.
#define _GNU_SOURCE
#include "CLinux.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/xattr.h>
#include <unistd.h>

// Numbers of the generic table, which all architectures share. Source: asm-generic/unistd.h.
enum { number_fchmodat2 = 452, number_setxattrat = 463, number_getxattrat, number_listxattrat, number_removexattrat };

struct attribute_call {
    enum { list_names, get_value, set_value, remove_name } kind;
    const char *name;
    void *value;
    size_t size;
};

// Source: linux/xattr.h, struct xattr_args.
struct attribute_arguments {
    _Alignas(8) uint64_t value;
    uint32_t size, flags;
};

static intptr_t call_path(const char *path, const struct attribute_call *call) {
    switch (call->kind) {
    case list_names: return llistxattr(path, call->value, call->size);
    case get_value: return lgetxattr(path, call->name, call->value, call->size);
    case set_value: return lsetxattr(path, call->name, call->value, call->size, 0);
    default: return lremovexattr(path, call->name);
    }
}

// Linux 6.13.
static intptr_t call_entry(int directory, const char *entry, const struct attribute_call *call) {
    struct attribute_arguments arguments = {.value = (uintptr_t)call->value, .size = (uint32_t)call->size};
    const int flags = AT_SYMLINK_NOFOLLOW;
    switch (call->kind) {
    case list_names: return syscall(number_listxattrat, directory, entry, flags, call->value, call->size);
    case get_value:
        return syscall(number_getxattrat, directory, entry, flags, call->name, &arguments, sizeof arguments);
    case set_value:
        return syscall(number_setxattrat, directory, entry, flags, call->name, &arguments, sizeof arguments);
    default: return syscall(number_removexattrat, directory, entry, flags, call->name);
    }
}

// A thread may have a working directory of its own: unshare(2), CLONE_FS, needs no privilege.
static intptr_t call_from_directory(int directory, const char *entry, const struct attribute_call *call) {
    static _Thread_local int has_own_directory;
    if (!has_own_directory && unshare(CLONE_FS) != 0) return -1;
    has_own_directory = 1;
    int before = open(".", O_PATH | O_DIRECTORY | O_CLOEXEC);
    if (before < 0) return -1;
    intptr_t result = -1;
    if (fchdir(directory) == 0) {
        result = call_path(entry, call);
        int error = errno;
        // Relative operands would be looked up in the wrong directory.
        if (fchdir(before) != 0) _exit(1);
        errno = error;
    }
    int error = errno;
    close(before);
    errno = error;
    return result;
}

static intptr_t call_attribute(int directory, const char *entry, const struct attribute_call *call) {
    static _Atomic int lacks_entry_calls, lacks_proc;
    if (directory == AT_FDCWD || entry[0] == '/') return call_path(entry, call);
    if (!atomic_load_explicit(&lacks_entry_calls, memory_order_relaxed)) {
        intptr_t result = call_entry(directory, entry, call);
        // EPERM comes from a filter of system calls, or from the file system.
        if (result >= 0 || (errno != ENOSYS && errno != EPERM)) return result;
        if (errno == ENOSYS) atomic_store_explicit(&lacks_entry_calls, 1, memory_order_relaxed);
    }
    if (!atomic_load_explicit(&lacks_proc, memory_order_relaxed)) {
        char path[strlen(entry) + 32];
        snprintf(path, sizeof path, "/proc/self/fd/%d/%s", directory, entry);
        intptr_t result = call_path(path, call);
        if (result >= 0 || (errno != ENOENT && errno != ENOTDIR && errno != EACCES && errno != ELOOP)) return result;
        int error = errno;
        snprintf(path, sizeof path, "/proc/self/fd/%d", directory);
        struct stat target;
        if (stat(path, &target) == 0) {
            errno = error;
            return -1;
        }
        atomic_store_explicit(&lacks_proc, 1, memory_order_relaxed);
    }
    return call_from_directory(directory, entry, call);
}

intptr_t clinux_list_attributes(int directory, const char *entry, char *names, size_t size) {
    return call_attribute(directory, entry, &(struct attribute_call){list_names, NULL, names, size});
}

intptr_t clinux_get_attribute(int directory, const char *entry, const char *name, void *value, size_t size) {
    return call_attribute(directory, entry, &(struct attribute_call){get_value, name, value, size});
}

int clinux_set_attribute(int directory, const char *entry, const char *name, const void *value, size_t size) {
    return call_attribute(directory, entry, &(struct attribute_call){set_value, name, (void *)value, size});
}

int clinux_remove_attribute(int directory, const char *entry, const char *name) {
    return call_attribute(directory, entry, &(struct attribute_call){remove_name, name, NULL, 0});
}

int clinux_set_mode(int directory, const char *entry, uint32_t mode) {
    int result = syscall(number_fchmodat2, directory, entry, mode, AT_SYMLINK_NOFOLLOW);
    if (result == 0 || (errno != ENOSYS && errno != EPERM)) return result;
    return fchmodat(directory, entry, (mode_t)mode, AT_SYMLINK_NOFOLLOW);
}
