#define _GNU_SOURCE
#include "CLinux.h"

#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <linux/fs.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <sys/uio.h>
#include <sys/xattr.h>
#include <unistd.h>

#ifndef STATX_MNT_ID
#define STATX_MNT_ID 0x1000u
#endif
#ifndef AT_HANDLE_FID
#define AT_HANDLE_FID 0x200
#endif

// fstatat(2), for kernels and filters without statx(2).
static int stat_plainly(int directory, const char *path, int flags, struct clinux_statx *out) {
    struct stat s;
    if (fstatat(directory, path, &s, flags) != 0) return -1;
    *out = (struct clinux_statx){
        .mode = s.st_mode, .links = (uint32_t)s.st_nlink, .user = s.st_uid, .group = s.st_gid,
        .block_size = (uint32_t)s.st_blksize, .inode = s.st_ino, .size = (uint64_t)s.st_size,
        .blocks = (uint64_t)s.st_blocks, .access_seconds = s.st_atim.tv_sec,
        .access_nanoseconds = (uint32_t)s.st_atim.tv_nsec, .modify_seconds = s.st_mtim.tv_sec,
        .modify_nanoseconds = (uint32_t)s.st_mtim.tv_nsec, .change_seconds = s.st_ctim.tv_sec,
        .change_nanoseconds = (uint32_t)s.st_ctim.tv_nsec, .device_major = major(s.st_dev),
        .device_minor = minor(s.st_dev), .special_major = major(s.st_rdev), .special_minor = minor(s.st_rdev),
    };
    return 0;
}

int clinux_statx(int directory, const char *path, int flags, struct clinux_statx *out) {
    struct statx s;
    if (path == NULL) {
        path = "";
        flags |= AT_EMPTY_PATH;
    }
    if (statx(directory, path, flags, STATX_BASIC_STATS | STATX_MNT_ID, &s) != 0) {
        // Any other error can come from a filter of system calls or an old kernel; fstatat then has the right reason.
        return errno == ENOENT ? -1 : stat_plainly(directory, path, flags, out);
    }
    *out = (struct clinux_statx){
        .mode = s.stx_mode, .links = s.stx_nlink, .user = s.stx_uid, .group = s.stx_gid,
        .block_size = s.stx_blksize, .inode = s.stx_ino, .size = s.stx_size, .blocks = s.stx_blocks,
#ifdef STATX_MNT_ID
        .mount = (s.stx_mask & STATX_MNT_ID) ? s.stx_mnt_id : 0,
#endif
        .access_seconds = s.stx_atime.tv_sec, .access_nanoseconds = s.stx_atime.tv_nsec,
        .modify_seconds = s.stx_mtime.tv_sec, .modify_nanoseconds = s.stx_mtime.tv_nsec,
        .change_seconds = s.stx_ctime.tv_sec, .change_nanoseconds = s.stx_ctime.tv_nsec,
        .device_major = s.stx_dev_major, .device_minor = s.stx_dev_minor,
        .is_immutable = (s.stx_attributes & (STATX_ATTR_IMMUTABLE | STATX_ATTR_APPEND)) != 0,
        .special_major = s.stx_rdev_major, .special_minor = s.stx_rdev_minor,
    };
    return 0;
}

intptr_t clinux_getdents(int descriptor, void *buffer, size_t count) {
    return syscall(SYS_getdents64, descriptor, buffer, count);
}

int clinux_clone(int destination, int source) { return ioctl(destination, FICLONE, source); }

int clinux_clone_range(int destination, int source, uint64_t count, uint64_t offset) {
    struct file_clone_range range = {.src_fd = source, .src_length = count, .dest_offset = offset};
    return ioctl(destination, FICLONERANGE, &range);
}

int clinux_open_unnamed(int directory, uint32_t mode) {
    return openat(directory, ".", O_TMPFILE | O_RDWR | O_CLOEXEC, (mode_t)mode);
}

int clinux_sync(int descriptor) { return syncfs(descriptor); }

int clinux_block(int descriptor) {
    int flags = fcntl(descriptor, F_GETFL);
    return flags < 0 ? -1 : fcntl(descriptor, F_SETFL, flags & ~O_NONBLOCK);
}

int clinux_duplicate(int descriptor) {
    int copy = fcntl(descriptor, F_DUPFD_CLOEXEC, 3);
    if (copy >= 0 || (errno != EPERM && errno != ENOSYS)) return copy;
    // A filter of system calls refuses fcntl(2).
    copy = dup(descriptor);
    if (copy >= 0) ioctl(copy, FIOCLEX);
    return copy;
}

int clinux_pipe_size(int descriptor, int size) { return fcntl(descriptor, F_SETPIPE_SZ, size); }

int clinux_status_flags(int descriptor) { return fcntl(descriptor, F_GETFL); }

intptr_t clinux_copy_range(int source, int destination, size_t count, int64_t offset) {
    int64_t from = offset, to = offset;
    if (offset < 0) return syscall(SYS_copy_file_range, source, NULL, destination, NULL, count, 0);
    return syscall(SYS_copy_file_range, source, &from, destination, &to, count, 0);
}

intptr_t clinux_read_cached(int descriptor, void *buffer, size_t count) {
    struct iovec vector = {.iov_base = buffer, .iov_len = count};
    return preadv2(descriptor, &vector, 1, -1, RWF_NOWAIT);
}

int clinux_exchange(int one_directory, const char *one, int other_directory, const char *other) {
    return syscall(SYS_renameat2, one_directory, one, other_directory, other, RENAME_EXCHANGE);
}

typedef uint8_t block_of_bytes __attribute__((vector_size(16)));

static block_of_bytes block_at(const uint8_t *bytes) {
    block_of_bytes block;
    memcpy(&block, bytes, sizeof block);
    return block;
}

// Whether two bytes stand next to each other somewhere in 64 and the one after them.
static int has_pair(const uint8_t *bytes, uint8_t first, uint8_t second) {
    block_of_bytes found = {0};
    for (int i = 0; i < 64; i += 16)
        found |= (block_of_bytes)((block_at(bytes + i) == first) & (block_at(bytes + i + 1) == second));
    uint64_t halves[2];
    memcpy(halves, &found, sizeof halves);
    return (halves[0] | halves[1]) != 0;
}

const void *clinux_find(const void *bytes, size_t count, const void *wanted, size_t wanted_count) {
    const uint8_t *here = bytes, *pair = wanted, *end = here + count;
    if (wanted_count < 2) return memmem(bytes, count, wanted, wanted_count);
    for (; end - here > 64; here += 64) {
        if (!has_pair(here, pair[0], pair[1])) continue;
        size_t part = (size_t)(end - here) < 64 + wanted_count ? (size_t)(end - here) : 63 + wanted_count;
        const void *found = memmem(here, part, wanted, wanted_count);
        if (found) return found;
    }
    return memmem(here, end - here, wanted, wanted_count);
}

int clinux_rename_new(int from_directory, const char *from, int to_directory, const char *to) {
    return syscall(SYS_renameat2, from_directory, from, to_directory, to, RENAME_NOREPLACE);
}

int clinux_openat(int directory, const char *path, int flags, uint32_t mode) {
    return openat(directory, path, flags, (mode_t)mode);
}

int64_t clinux_file_system_type(int descriptor) {
    struct statfs s;
    return fstatfs(descriptor, &s) == 0 ? (int64_t)s.f_type : -1;
}

// The handle that overlayfs encodes is its struct ovl_fh (fs/overlayfs/overlayfs.h): three bytes of
// padding, version, magic 0xfb, length, then flags, of which bit 2 is OVL_FH_FLAG_PATH_UPPER.
int clinux_overlay_upper(int directory, const char *name) {
    union {
        struct file_handle handle;
        unsigned char bytes[sizeof(struct file_handle) + MAX_HANDLE_SZ];
    } buffer = {.handle = {.handle_bytes = MAX_HANDLE_SZ}};
    int mount;
    if (name_to_handle_at(directory, name, &buffer.handle, &mount, AT_HANDLE_FID) != 0) return -1;
    const unsigned char *data = buffer.handle.f_handle;
    if (buffer.handle.handle_bytes < 7 || data[4] != 0xfb) return -1;
    return (data[6] >> 2) & 1;
}

int clinux_getopt(
    int count, char **arguments, const char *letters, const struct clinux_option *longs,
    const char **argument, int *index, int prints) {
    enum { most = 128 };
    struct option table[most] = {0};
    for (int i = 0; i < most - 1 && longs[i].name != NULL; i++) {
        table[i] = (struct option){longs[i].name, longs[i].argument, NULL, longs[i].value};
    }
    opterr = prints;
    // 0 makes the C library begin again.
    if (*index == 0) optind = 0;
    int value = getopt_long(count, arguments, letters, table, NULL);
    *argument = optarg;
    *index = optind;
    return value;
}

int clinux_mknod(int directory, const char *name, uint32_t mode, uint32_t major, uint32_t minor) {
    return mknodat(directory, name, (mode_t)mode, makedev(major, minor));
}

intptr_t clinux_flistxattr(int descriptor, char *names, size_t size) {
    return flistxattr(descriptor, names, size);
}

intptr_t clinux_fgetxattr(int descriptor, const char *name, void *value, size_t size) {
    return fgetxattr(descriptor, name, value, size);
}

int clinux_fsetxattr(int descriptor, const char *name, const void *value, size_t size) {
    return fsetxattr(descriptor, name, value, size, 0);
}

int clinux_fremovexattr(int descriptor, const char *name) { return fremovexattr(descriptor, name); }

int64_t clinux_seek_data(int descriptor, int64_t offset) { return lseek(descriptor, offset, SEEK_DATA); }

int64_t clinux_seek_hole(int descriptor, int64_t offset) { return lseek(descriptor, offset, SEEK_HOLE); }

const char *clinux_errno_name(int number) { return strerrorname_np(number); }

int clinux_terminal_columns(int descriptor) {
    struct winsize size;
    return ioctl(descriptor, TIOCGWINSZ, &size) == 0 ? size.ws_col : 0;
}

int clinux_processors(void) {
    cpu_set_t set;
    return sched_getaffinity(0, sizeof set, &set) == 0 ? CPU_COUNT(&set) : 1;
}

int clinux_can_allocate(size_t count) {
    void *memory = malloc(count);
    free(memory);
    return memory != NULL;
}

int clinux_pipe(int ends[2]) { return pipe2(ends, O_CLOEXEC); }
