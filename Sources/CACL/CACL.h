// libacl and libattr, linked as archives: a pkgConfig line would add the dynamic libraries again.
#include <attr/libattr.h>
#include <sys/acl.h>
#include <acl/libacl.h>
