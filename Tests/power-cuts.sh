#!/usr/bin/env bash
# REPOT=FILE power-cuts.sh [OPTION]...: the states in which a power cut can leave a disk, and a second run in each of
# them. The writes and flushes of each command are recorded below a loop device, on ext4, xfs and btrfs. A state is a
# flush boundary, or one with some of the writes that follow. --help lists the options; --long runs for a night.
set -euo pipefail

# Mounts, FUSE servers and time belong to namespaces that end with this script.
if [[ ${POWER_CUTS_NAMESPACE:-} != "$$" ]]; then
  namespaces=(unshare --mount --propagation private --pid --fork --kill-child --mount-proc)
  # A kernel may lack time namespaces. All else is a failure on CI, where the other tests need it, too.
  skip() {
    echo "SKIP power cuts: $1"
    exit "${2:-0}"
  }
  lack() { skip "$1" "${CI:+1}"; }
  ((EUID == 0)) || lack "needs root"
  for device in /dev/fuse /dev/loop-control; do
    [[ -c $device ]] && (: <>$device) 2>/dev/null || lack "needs $device"
  done
  "${namespaces[@]}" mount -t tmpfs none /tmp 2>/dev/null || lack "needs mounts"
  unshare --time --fork true 2>/dev/null || skip "needs time namespaces"
  exec "${namespaces[@]}" env POWER_CUTS_NAMESPACE=1 bash "$0" "$@"
fi
# shellcheck source=Tests/Scripts/start.sh
source "$(dirname "${BASH_SOURCE[0]}")/Scripts/start.sh"
need btrfs-progs e2fsprogs fuse3 python3-fusepy util-linux xfsprogs
[[ " $* " != *" --long "* ]] || need buildah rsync skopeo umoci

work=$(mktemp -d)
trap 'umount -l "$work"; rmdir "$work"' EXIT
mount -t tmpfs -o size=80% power-cuts "$work"
cp "$REPOT" "$work/repot"
/usr/bin/python3 -B Tests/PowerCuts/main.py "$work" "$@"
