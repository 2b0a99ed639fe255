#!/usr/bin/env bash
# REPOT=FILE faults.sh [OPTION]...: a thousand seeded faults in store paths. `repot verify` names each of them and
# nothing else, and --repair mends them. --help lists the options.
# shellcheck source=Tests/Scripts/start.sh
source "$(dirname "${BASH_SOURCE[0]}")/Scripts/start.sh"
need_root "it changes owners, makes devices and mounts file systems"
need python3 util-linux

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
script=$PWD/Tests/Faults/main.py
# The mounts end with the namespace.
cd "$work"
unshare --mount --propagation private python3 -B "$script" "$REPOT" "$@"
