#ifndef CSQLITE_H
#define CSQLITE_H

#include <sqlite3.h>

// Opens a database by its URI for reading only, without a lock: neither it nor what lies beside it is written, made,
// removed or locked, whoever asks. A handle that comes with an error has to be closed too.
// Source: https://www.sqlite.org/c3ref/vfs.html
int csqlite_open_read_only(const char *uri, sqlite3 **database);

#endif
