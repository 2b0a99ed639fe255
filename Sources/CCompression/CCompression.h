// libzstd, libdeflate and zlib, linked as archives, as libacl and libattr are.
#include <libdeflate.h>
#include <zlib.h>
#include <zstd.h>
