#include "csqlite.h"
#include <pthread.h>

static const char *const name = "repot-read-only";
// SQLite's own for Unix, without locks.
static sqlite3_vfs *base;
static sqlite3_vfs read_only;
static int registered = SQLITE_ERROR;
static pthread_once_t once = PTHREAD_ONCE_INIT;

// SQLite asks for its write-ahead log with O_RDWR and O_CREAT, also where the database is opened for reading; and to a log or a
// journal that root opens it gives the database's owner anew, which changes the time of the last change. A database it leaves
// as it is.
static int open_read_only(sqlite3_vfs *vfs, const char *path, sqlite3_file *file, int flags, int *out) {
  (void)vfs;
  const int on_disk = SQLITE_OPEN_MAIN_DB | SQLITE_OPEN_WAL | SQLITE_OPEN_MAIN_JOURNAL | SQLITE_OPEN_SUPER_JOURNAL;
  if (flags & on_disk) flags = SQLITE_OPEN_MAIN_DB | SQLITE_OPEN_READONLY | (flags & SQLITE_OPEN_URI);
  return base->xOpen(base, path, file, flags, out);
}

static int remove_nothing(sqlite3_vfs *vfs, const char *path, int sync) {
  (void)vfs, (void)path, (void)sync;
  return SQLITE_READONLY;
}

static void register_once(void) {
  base = sqlite3_vfs_find("unix-none");
  if (base == 0) return;
  read_only = *base;
  read_only.zName = name;
  read_only.pNext = 0;
  read_only.xOpen = open_read_only;
  read_only.xDelete = remove_nothing;
  registered = sqlite3_vfs_register(&read_only, 0);
  sqlite3_hard_heap_limit64(256 << 20);
}

// The database may be hostile: the query of a view could run for ever, and a value could fill the memory.
static int distrust(sqlite3 *database) {
  static const int off[] = {SQLITE_DBCONFIG_ENABLE_VIEW, SQLITE_DBCONFIG_ENABLE_TRIGGER, SQLITE_DBCONFIG_TRUSTED_SCHEMA};
  for (size_t i = 0; i < sizeof off / sizeof off[0]; i++) {
    int status = sqlite3_db_config(database, off[i], 0, 0);
    if (status != SQLITE_OK) return status;
  }
  sqlite3_limit(database, SQLITE_LIMIT_LENGTH, 1 << 20);
  return SQLITE_OK;
}

int csqlite_open_read_only(const char *uri, sqlite3 **database) {
  *database = 0;
  pthread_once(&once, register_once);
  if (registered != SQLITE_OK) return registered;
  int status = sqlite3_open_v2(uri, database, SQLITE_OPEN_READONLY | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_URI, name);
  return status == SQLITE_OK ? distrust(*database) : status;
}
