#!/usr/bin/env bash
# REPOT=FILE tar-readers.sh [OPTION]...: layers that programs may read differently. GNU tar, bsdtar, Python and umoci have
# to agree with `repot verify`, or it refuses the layer. --help lists the options; --seconds 3600 searches for an hour.
# shellcheck source=Tests/Scripts/start.sh
source "$(dirname "${BASH_SOURCE[0]}")/Scripts/start.sh"
need libarchive-tools python3 umoci

(($#)) || set -- --count 640
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
TMPDIR=$work python3 -B Tests/TarReaders/main.py "$REPOT" "$@"
