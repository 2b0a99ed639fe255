// The first moments of the executable, before the Swift runtime and main.
#ifndef CENTRY_H
#define CENTRY_H

// argc and argv as the kernel passed them to the process. The Swift runtime reads them from /proc.
int centry_argument_count(void);
char *const *centry_arguments(void);

// Removes the environment variables that were set for the Swift runtime alone. Call once, before there are other
// threads.
void centry_restore_environment(void);

#endif
