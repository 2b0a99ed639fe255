// libzstd and libdeflate, linked as archives, as libacl and libattr are.
#include <libdeflate.h>
#include <zstd.h>
