// What Swift's Glibc module cannot see. Fixed-width types only: a libc type named here would be
// attributed to this module and break the signatures that use Glibc's.
#ifndef CLINUX_H
#define CLINUX_H

#include "CInterrupt.h"

#include <stddef.h>
#include <stdint.h>

// The part of struct statx (statx(2)) that repot reads.
struct clinux_statx {
    uint32_t mode, links, user, group, block_size;
    uint64_t inode, size, blocks, mount;
    int64_t access_seconds, modify_seconds, change_seconds;
    uint32_t access_nanoseconds, modify_nanoseconds, change_nanoseconds;
    uint32_t device_major, device_minor, special_major, special_minor, is_immutable;
};

// statx(2) with STATX_BASIC_STATS and STATX_MNT_ID (Linux 5.8; 0 before), or fstatat(2) where statx is refused. A null
// path means the open file itself.
int clinux_statx(int directory, const char *path, int flags, struct clinux_statx *out);

// getdents64(2): glibc's wrapper wants its own declaration of the buffer.
intptr_t clinux_getdents(int descriptor, void *buffer, size_t count);

// ioctl(FICLONE): ioctl is variadic, which Swift cannot call.
int clinux_clone(int destination, int source);

// ioctl(FICLONERANGE) from the source's start.
int clinux_clone_range(int destination, int source, uint64_t count, uint64_t offset);

// openat(O_TMPFILE): a file without a name.
int clinux_open_unnamed(int directory, uint32_t mode);

// syncfs(2), which needs _GNU_SOURCE.
int clinux_sync(int descriptor);

// Clears O_NONBLOCK: fcntl(F_GETFL) and fcntl(F_SETFL).
int clinux_block(int descriptor);

// fcntl(F_DUPFD_CLOEXEC), or dup(2).
int clinux_duplicate(int descriptor);

// fcntl(F_SETPIPE_SZ).
int clinux_pipe_size(int descriptor, int size);

// fcntl(F_GETFL).
int clinux_status_flags(int descriptor);

// copy_file_range(2) without glibc, whose wrapper in 2.41 and 2.42 breaks above 2 GiB (PR 33245): from an offset to the
// same one, or from both file offsets if it is negative.
intptr_t clinux_copy_range(int source, int destination, size_t count, int64_t offset);

// preadv2(RWF_NOWAIT) at the file's offset, Linux 4.14: EAGAIN where data would have to be waited for. Linux 5.9
// and 5.10 may answer 0 before the end.
intptr_t clinux_read_cached(int descriptor, void *buffer, size_t count);

// renameat2(RENAME_NOREPLACE), Linux 3.15.
int clinux_rename_new(int from_directory, const char *from, int to_directory, const char *to);
// renameat2(RENAME_EXCHANGE), Linux 3.15.
int clinux_exchange(int one_directory, const char *one, int other_directory, const char *other);
// Where the wanted bytes first begin, as memmem(3), which takes twice as long for what is seldom there.
const void *clinux_find(const void *bytes, size_t count, const void *wanted, size_t wanted_count);

// openat(2) and open modes: variadic in C.
int clinux_openat(int directory, const char *path, int flags, uint32_t mode);

// The type of the file system that holds the descriptor, as in statfs(2); -1 on error.
int64_t clinux_file_system_type(int descriptor);

// Where an overlay keeps the file: 1 upper layer, 0 a lower one, -1 when the kernel does not tell.
// name_to_handle_at(AT_HANDLE_FID), Linux 6.6 for overlays.
int clinux_overlay_upper(int directory, const char *name);

// getopt_long(3) over a table that ends with a NULL name. `argument` is 0 none, 1 required, 2 optional.
// Begins where *index is 0. Returns the option's value, '?' for an error, after getopt's own message if it prints, and
// -1 at the end, when *index is the first operand.
struct clinux_option {
    const char *name;
    int argument;
    int value;
};
int clinux_getopt(
    int count, char **arguments, const char *letters, const struct clinux_option *longs,
    const char **argument, int *index, int prints);

// Device numbers as mknod(2) takes them.
int clinux_mknod(int directory, const char *name, uint32_t mode, uint32_t major, uint32_t minor);

// xattr(7) of an open file: Swift's Glibc module leaves out <sys/xattr.h>.
intptr_t clinux_flistxattr(int descriptor, char *names, size_t size);
intptr_t clinux_fgetxattr(int descriptor, const char *name, void *value, size_t size);
int clinux_fsetxattr(int descriptor, const char *name, const void *value, size_t size);
int clinux_fremovexattr(int descriptor, const char *name);

// xattr(7) of a directory entry itself, never of a symlink's target: by listxattrat(2) and its siblings (Linux
// 6.13), or else through /proc/self/fd, or else from a working directory of this thread alone.
intptr_t clinux_list_attributes(int directory, const char *entry, char *names, size_t size);
intptr_t clinux_get_attribute(int directory, const char *entry, const char *name, void *value, size_t size);
int clinux_set_attribute(int directory, const char *entry, const char *name, const void *value, size_t size);
int clinux_remove_attribute(int directory, const char *entry, const char *name);

// fchmodat2(2) with AT_SYMLINK_NOFOLLOW, Linux 6.6; otherwise as glibc does it, which needs /proc.
int clinux_set_mode(int directory, const char *entry, uint32_t mode);

// lseek(2) with SEEK_DATA or SEEK_HOLE, which need _GNU_SOURCE.
int64_t clinux_seek_data(int descriptor, int64_t offset);
int64_t clinux_seek_hole(int descriptor, int64_t offset);

// strerrorname_np(3), which needs _GNU_SOURCE; NULL for unknown numbers.
const char *clinux_errno_name(int number);

// How many processors the process may run on: sched_getaffinity(2), whose sets are macros.
int clinux_processors(void);

// Whether that many bytes of memory can be allocated.
int clinux_can_allocate(size_t count);

// pipe2(2) with O_CLOEXEC.
int clinux_pipe(int ends[2]);

// A terminal's width in columns, 0 when it is not a terminal.
int clinux_terminal_columns(int descriptor);

#endif
