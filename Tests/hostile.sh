#!/usr/bin/env bash
# REPOT=FILE hostile.sh [GROUP]...: copies in odd but real environments: special files, other file systems, missing
# kernel features. Each check compares with GNU cp, cmp or diff. The groups are the scripts in Tests/Hostile.

# Mounts, FUSE servers and stalled processes belong to namespaces that end with this script.
if [[ ${HOSTILE_NAMESPACE:-} != "$$" ]]; then
  if ((EUID != 0)); then
    echo "${0##*/} needs root: it mounts file systems and becomes another user" >&2
    exit 1
  fi
  exec unshare --mount --propagation private --pid --fork --kill-child --mount-proc \
    env HOSTILE_NAMESPACE=1 bash "$0" "$@"
fi
# shellcheck source=Tests/Scripts/start.sh
source "$(dirname "${BASH_SOURCE[0]}")/Scripts/start.sh"
# shellcheck source=Tests/Scripts/hostile.sh
source Tests/Scripts/hostile.sh
need acl attr bindfs btrfs-progs e2fsprogs exfat-fuse exfatprogs fuse3 lxcfs ntfs-3g procps python3-fusepy strace time util-linux xfsprogs

groups=("$@")
((${#groups[@]})) || groups=(special-files assumptions requirements signals metadata verdicts documents power-cuts refusals file-systems)
open_hostile_workspace
trap close_hostile_workspace EXIT
repository=$PWD
cd "$work"
for group in "${groups[@]}"; do
  echo "== $group"
  # shellcheck source=/dev/null
  source "$repository/Tests/Hostile/$group.sh"
done
((skipped == 0)) || echo "$skipped skipped: this kernel lacks the features"
summary
