// refuse NUMBER[,NUMBER]... ERRNO COMMAND [ARGUMENT]...
// Runs COMMAND under a seccomp filter in which these system calls fail with ERRNO. Both are numbers.
#include <errno.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

enum { maxCalls = 64 };

int main(int argc, char **argv) {
    if (argc < 4) {
        fprintf(stderr, "usage: refuse NUMBER[,NUMBER]... ERRNO COMMAND [ARGUMENT]...\n");
        return 2;
    }
    struct sock_filter filter[2 * maxCalls + 2];
    unsigned short length = 0;
    filter[length++] = (struct sock_filter)BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr));
    unsigned refusal = SECCOMP_RET_ERRNO | ((unsigned)atoi(argv[2]) & SECCOMP_RET_DATA);
    int calls = 0;
    for (char *number = strtok(argv[1], ","); number != NULL && calls < maxCalls; number = strtok(NULL, ",")) {
        filter[length++] = (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (unsigned)atoi(number), 0, 1);
        filter[length++] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, refusal);
        calls++;
    }
    filter[length++] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW);
    struct sock_fprog program = {.len = length, .filter = filter};
    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0 || prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) != 0) {
        perror("refuse: cannot install the filter");
        return 2;
    }
    execvp(argv[3], argv + 3);
    fprintf(stderr, "refuse: cannot run %s: %s\n", argv[3], strerror(errno));
    return 127;
}
