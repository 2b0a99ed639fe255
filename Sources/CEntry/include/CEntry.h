// The first moments of the executable, before the Swift runtime and main.
#ifndef CENTRY_H
#define CENTRY_H

// argc and argv as the kernel passed them to the process. The Swift runtime reads them from /proc.
int centry_argument_count(void);
char *const *centry_arguments(void);

// Begins main: removes the environment variables that were set for the Swift runtime alone, and ends the process with
// status 1 if it is aborted. Call before there are other threads.
void centry_begin(void);

#endif
