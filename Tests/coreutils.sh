#!/usr/bin/env bash
# REPOT=FILE coreutils.sh DIRECTORY: coreutils' own tests of cp. Each runs with GNU cp first, then with repot under
# that name: repot passes all that GNU cp passes. DIRECTORY is the result of Scripts/gnu-cp.sh.
# TESTS="NAME..." chooses tests.
gnu=$(realpath "$1")
# shellcheck source=Tests/Scripts/start.sh
source "$(dirname "${BASH_SOURCE[0]}")/Scripts/start.sh"
need_root "some tests change owners and mount file systems"
need acl attr e2fsprogs gcc libc6-dev perl strace util-linux

work=$(mktemp -d)
[[ ${KEEP-} ]] || trap 'rm -rf "$work"' EXIT
chmod 755 "$work"
source=$gnu/testing/source
known=9.10
version=$("$gnu/testing/cp" --version | sed -n '1s/.* //p')

# These replace C library functions by LD_PRELOAD or run cp in valgrind, which needs a shared C library as well.
shared=" nfs-removal-race no-ctx copy-FMR "

# The settings of the build that the tests read. The programs beside cp are the machine's own.
programs="cat chmod chown cp cut date dd df du head id install ln ls mkdir mkfifo mknod mv rm stat tail touch"
definitions=(HAVE_OPENAT HAVE_LINKAT HAVE_UTIMENSAT HAVE_LUTIMES HAVE_CAP USE_ACL USE_XATTR)

# A build directory as the tests expect it, with this cp.
build_directory() {
  mkdir -p "$work/$1/src"
  printf '#define %s 1\n' "${definitions[@]}" >"$work/$1/config.h"
  cp "$2" "$work/$1/src/cp"
  chmod 777 "$work/$1"
}

# Runs a test with this cp, as root with a second group or as an ordinary user. 77 means that it was skipped.
run() {
  local build=$work/$1 user=$2 name=$3 identity=(setpriv --groups=0,2)
  [[ $user == root ]] || identity=(setpriv --reuid=65534 --regid=65534 --groups=2,3)
  cd "$build"
  # A test reports on descriptor 9 why it is skipped.
  timeout 60 "${identity[@]}" env -i PATH="$build/src:$PATH" HOME="$build" TMPDIR="$build" LC_ALL=C SHELL=/bin/sh \
    srcdir="$source" abs_srcdir="$source" abs_top_srcdir="$source" abs_top_builddir="$build" top_srcdir="$source" \
    CONFIG_HEADER="$build/config.h" VERSION="$version" PACKAGE_VERSION="$version" built_programs="$programs" fail=0 \
    host_os=linux-gnu host_triplet="$(uname -m)-pc-linux-gnu" CC=gcc AWK=awk EGREP='grep -E' MAKE=make PERL=perl \
    CU_TEST_NAME="cp,$name" NON_ROOT_USERNAME=nobody NON_ROOT_GID=65534 \
    /bin/bash -c 'exec 9>&2; exec /bin/bash "$0"' "$source/tests/cp/$name.sh" </dev/null >"$work/log" 2>&1
}

# compare USER NAME: a line for the test, unless GNU cp does not pass it.
compare() {
  local user=$1 name=$2 status=0
  if [[ $shared == *" $name "* ]]; then
    not_compared+=("$name as $user: repot is a static executable")
    return
  fi
  (run gnu "$user" "$name") || status=$?
  if ((status != 0)); then
    not_compared+=("$name as $user: $(tail -n 1 "$work/log")")
    return
  fi
  passes() { (run repot "$user" "$name") || { cat "$work/log"; false; }; }
  check "$name as $user" passes
}

build_directory gnu "$gnu/testing/cp"
build_directory repot "$REPOT"
if [[ ${TESTS-} ]]; then
  read -ra tests <<<"$TESTS"
else
  mapfile -t tests < <(cd "$source/tests/cp" && printf '%s\n' *.sh | sed 's/\.sh$//')
fi

not_compared=()
for name in "${tests[@]}"; do
  for user in root user; do compare "$user" "$name"; done
done
printf 'not compared: %s\n' "${not_compared[@]}"
# Debian testing moves: a release newer than the known one does not fail every change.
[[ $version == "$known" ]] || echo "GNU cp $version is newer than $known: failures are only reported"
summary || [[ $version != "$known" ]]
