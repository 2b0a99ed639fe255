#!/usr/bin/env bash
# REPOT=FILE containers.sh: `repot verify /proc/PID/root` of containers of docker and podman, and of a chroot. Starts a
# dockerd of its own.
# shellcheck source=Tests/Scripts/start.sh
source "$(dirname "${BASH_SOURCE[0]}")/Scripts/start.sh"
need_root "it starts containers"
need podman skopeo umoci procps util-linux busybox-static libcap2-bin attr python3
# shellcheck source=Tests/Scripts/docker.sh
source Tests/Scripts/docker.sh

export TMPDIR=$work/tmp XDG_CACHE_HOME=$work/cache
mkdir "$work/tmp" "$work/cache" "$work/podman"
cp "$REPOT" "$work/repot"
chmod 755 "$work"
cd "$work"
# It would read the configuration of docker.
podman() { env -u DOCKER_CONFIG /usr/bin/podman --root "$work/podman/storage" --runroot "$work/podman/run" --storage-driver "$podman_driver" --cgroup-manager cgroupfs "$@"; }
# As for docker, see there.
podman_driver=overlay
if ! podman info >/dev/null 2>&1; then podman_driver=vfs; fi

# The closure: two store paths, of which one has a shell, and a registration, which names no reference.
echo "Making a store and an image"
shell=/nix/store/$(printf '%032d' 1)-shell
data=/nix/store/$(printf '%032d' 2)-data
mkdir -p "store$shell/bin" "store$data/deep"
cp /usr/bin/busybox "store$shell/bin/sh"
for applet in chmod mkdir rm sleep; do ln -s sh "store$shell/bin/$applet"; done
echo content >"store$data/deep/file"
echo another >"store$data/other"
ln -s deep/file "store$data/link"
chmod -R a=rX "store$shell" "store$data"
find "store$shell" "store$data" -depth -exec touch -hd @1 {} +
printf '%s\n' "$shell" "$data" >list
closure=(--store-root store --closure list)
# A base image with what a layer can say of files outside the store, in two layers.
mkdir -p base/{etc,opt/old,usr/bin,var/spool}
echo 'root:x:0:0::/:/bin/sh' >base/etc/passwd
echo secret >base/etc/secret
echo removed >base/etc/removed
touch base/opt/old/{hidden,file}
cp /usr/bin/busybox base/usr/bin/tool
chown 7:9 base/etc/secret base/opt/old
chmod 640 base/etc/secret
chmod 4755 base/usr/bin/tool
echo program >base/usr/bin/capable
chmod 755 base/usr/bin/capable
setcap cap_net_raw+ep base/usr/bin/capable
chmod 1777 base/var/spool
ln -s ../usr/bin/tool base/opt/tool
ln base/usr/bin/tool base/usr/bin/second
umoci init --layout layout
umoci new --image layout:base
umoci insert --image layout:base base /
umoci insert --image layout:base --whiteout /etc/removed
rm base/opt/old/hidden
umoci insert --image layout:base --opaque base/opt/old /opt/old
"$REPOT" image -q "${closure[@]}" --base oci:layout:base --registration --symlink /app="$shell" --workdir /work/dir \
  --entrypoint "$shell/bin/sh" --env "PATH=$shell/bin" -o oci:layout:app
skopeo copy -q --insecure-policy oci:layout:app docker-archive:image.tar:app:v1
umoci unpack --image layout:app bundle
image=(--image oci:layout:app)

start_dockerd
docker load -q -i image.tar
podman load -q -i image.tar

# start ENGINE: starts a container, or what stands for one. Its process sleeps: $pid.
name=
pid=
start() {
  case $1 in
    docker)
      name=$(docker run -d --network=none app:v1 -c 'sleep 1000')
      pid=$(docker inspect --format '{{.State.Pid}}' "$name")
      ;;
    podman | podman-userns)
      options=()
      if [[ $1 == podman-userns ]]; then options=(--uidmap 0:100000:65536 --gidmap 0:200000:65536); fi
      name=$(podman run "${options[@]}" -d --network=none --ulimit=nofile=1024:1024 --ulimit=nproc=1024:1024 app:v1 -c 'sleep 1000')
      pid=$(podman inspect --format '{{.State.Pid}}' "$name")
      ;;
    chroot)
      rm -rf root
      cp -a bundle/rootfs root
      unshare --mount --propagation private --pid --fork env PATH="$shell/bin" /usr/sbin/chroot root "$shell/bin/sleep" 1000 >/dev/null 2>&1 &
      name=$!
      for _ in {1..100}; do
        if pid=$(pgrep -x -P "$name" sleep); then break; fi
        sleep 0.02
      done
      ;;
  esac
}
stop() {
  case $1 in
    docker) docker rm -f "$name" >/dev/null ;;
    # The process has ended then, even if another mount namespace still has the mounts of the container.
    podman*) podman rm -f -t 0 "$name" >/dev/null || true ;;
    chroot) kill -KILL "$pid" && { wait "$name" || true; } ;;
  esac
}
# inside COMMAND: runs it in the container as root with all privileges, as a program that escaped its limits would.
inside() { PATH=$shell/bin:$PATH nsenter -t "$pid" -m -r -w "$shell/bin/sh" -ec "$1"; }
# mounts TYPE SOURCE TARGET: mounts in the container; TYPE is tmpfs or bind.
mounts() {
  python3 - "$pid" "$@" <<'PYTHON'
import ctypes, os, sys
libc = ctypes.CDLL(None, use_errno=True)
pid, kind, source, target = sys.argv[1:]
namespace, root = os.open(f"/proc/{pid}/ns/mnt", os.O_RDONLY), os.open(f"/proc/{pid}/root", os.O_RDONLY)
assert libc.setns(namespace, 0x20000) == 0, os.strerror(ctypes.get_errno())
os.fchdir(root)
os.chroot(".")
words = [word.encode() for word in (source, target, kind)]
assert libc.mount(*words, 0x1000 if kind == "bind" else 0, None) == 0, os.strerror(ctypes.get_errno())
PYTHON
}

# says STATUS PATTERN ARGUMENT...: the status of `repot verify`, and a line of its messages.
says() {
  local status=0
  "$REPOT" verify "${@:3}" >report 2>errors || status=$?
  ((status == $1)) && grep -E -- "$2" errors >/dev/null || { cat report errors; echo "exit status $status"; false; }
}

# fault ENGINE PATTERN COMMAND...: verify names what the command did in a new container.
fault() {
  start "$1"
  local status=0
  (
    set -e
    "${@:3}"
    says 1 "$2" "${closure[@]}" "/proc/$pid/root"
    grep -E -- '^2 paths|^1 path' errors >/dev/null
  ) || status=$?
  stop "$1"
  return "$status"
}

unaltered_container_is_clean() {
  start "$1"
  says 0 '^2 paths, .*: complete and unaltered' "${closure[@]}" "/proc/$pid/root"
  says 0 '^2 paths, .*: complete and unaltered' --store-root store "/proc/$pid/root"
  grep -x "repot: warning: the container is compared with its registration, which a process in it could have changed: pass --closure FILE or --image WHERE" errors
  says 0 '^2 paths and [0-9]* entries outside the store, .*: complete and unaltered' "${closure[@]}" "${image[@]}" "/proc/$pid/root"
  # It is process 1 for itself.
  [[ $(awk '/^NSpid:/ { print $NF }' "/proc/$pid/status") == 1 ]]
  stop "$1"
}

# All at once, and nothing else is reported.
differences_from_the_image_are_named() {
  start "$1"
  local status=0
  (
    set -e
    local host=/proc/$pid/root
    # Of equal size.
    inside "echo 'Root:x:0:0::/:/bin/sh' >/etc/passwd
      rm /etc/secret /opt/tool
      ln -s /bin/sh /opt/tool
      chmod 1755 /var/spool
      chmod 4755 /usr/bin/capable
      mkdir -p /opt/more/deep /mount/point
      echo >/opt/more/deep/file
      echo >/opt/more/.dockerenv
      echo >/mount/extra
      echo removed >/etc/removed
      rm -r /opt/old
      echo >/opt/old"
    setcap -r "$host/usr/bin/capable"
    setfattr -n user.more -v x "$host/var"
    chown 8:9 "$host/opt"
    mounts tmpfs tmpfs /mount/point
    says 1 . "${closure[@]}" "${image[@]}" --json "$host"
    python3 -c 'import json; [print(f["problem"], f["path"]) for f in json.load(open("report"))["findings"]]' | sort >found
    diff - found <<'FINDINGS'
attribute /usr/bin/capable
attribute /var
content /etc/passwd
missing /etc/secret
mode /usr/bin/capable
mode /var/spool
owner /opt
target /opt/tool
type /opt/old
unknown /etc/removed
unknown /mount/extra
unknown /opt/more
FINDINGS
    says 1 "^repot: '/etc/passwd' has other content than in the image: " "${closure[@]}" "${image[@]}" "$host"
    says 1 "^2 paths and [0-9]+ entries outside the store, .*: 12 findings" "${closure[@]}" "${image[@]}" "$host"
  ) || status=$?
  stop "$1"
  return "$status"
}
# The layers have to be those that the manifest and the configuration name.
altered_image_is_an_error() {
  local blob
  cp -r layout altered
  blob=$(find altered/blobs/sha256 -type f -size +100k | sort | sed -n 1p)
  printf x | dd of="$blob" bs=1 seek=2000 conv=notrunc status=none
  start chroot
  says 1 "^repot: .*altered" "${closure[@]}" --image oci:altered:app "/proc/$pid/root"
  stop chroot
}

# The process is stopped while repot waits for the closure, which comes through a pipe.
process_that_ends_is_no_clean_container() {
  local status=0
  start chroot
  mkfifo "pipe$$"
  "$REPOT" verify --store-root store --closure "pipe$$" "/proc/$pid/root" >report 2>errors &
  exec {pipe}>"pipe$$"
  stop chroot
  cat list >&"$pipe"
  exec {pipe}>&-
  wait -n $! || status=$?
  ((status == 1)) && grep "^repot: process $pid ended before '/proc/$pid/root' was verified" errors >/dev/null ||
    { cat errors; false; }
  [[ $(wc -l <errors) == 1 ]]
}
process_without_permission_is_an_error() {
  start chroot
  local status=0
  setpriv --reuid=65534 --regid=65534 --clear-groups ./repot verify "${closure[@]}" "/proc/$pid/root" 2>errors || status=$?
  stop chroot
  ((status == 1))
  grep -x "repot: cannot open '/proc/$pid/root': Permission denied; run repot as root" errors
}
# docker inspect prints 0 for a stopped container.
process_that_does_not_exist_is_an_error() {
  says 1 "^repot: cannot open '/proc/0/root': there is no process 0; " "${closure[@]}" /proc/0/root
  says 1 "^repot: cannot open '/proc/4194305/root': there is no process 4194305; " "${closure[@]}" /proc/4194305/root
}
planted_record_is_a_warning() {
  start chroot
  "$REPOT" stage -q "${closure[@]}" --prune '**/other' pruned
  inside "rm $data/other"
  touch -d @1 "root$data"
  cp pruned/nix-path-pruned root
  says 0 '^repot: warning: the container is compared with its /nix-path-pruned, .*: pass --image WHERE$' "${closure[@]}" "/proc/$pid/root"
  says 1 "^repot: '/nix-path-pruned' is not in the image" "${closure[@]}" "${image[@]}" "/proc/$pid/root"
  stop chroot
}
repair_is_refused() {
  start chroot
  inside "chmod 755 $data/deep"
  says 64 '^Error: --repair does not write to a running container' --repair "${closure[@]}" "/proc/$pid/root"
  [[ $(stat -c %a "root$data/deep") == 755 ]]
  stop chroot
}

for engine in docker podman chroot; do
  check "$engine: an unaltered container is clean, whose process has PID 1" unaltered_container_is_clean "$engine"
  check "$engine: changed content is named" fault "$engine" \
    "^repot: '$data/other' is altered" inside "echo changed >$data/other"
  check "$engine: a removed file is named" fault "$engine" \
    "^repot: '$data/deep/file' is altered" inside "rm $data/deep/file"
  check "$engine: a removed store path is named" fault "$engine" \
    "^repot: '$data' is missing" inside "rm -r $data"
  check "$engine: an extra file is named" fault "$engine" \
    "^repot: '$data/extra' is altered" inside "echo extra >$data/extra"
  check "$engine: an extra store path is named" fault "$engine" \
    "^repot: '$data-more' belongs to nothing that is expected" inside "mkdir $data-more"
  check "$engine: a changed mode is named" fault "$engine" \
    "^repot: '$data/deep' has mode 0755 instead of 0555" inside "chmod 755 $data/deep"
  check "$engine: a set-user-ID bit is named" fault "$engine" \
    "^repot: '$shell/bin/sh' has mode 4555 instead of 0555" inside "chmod u+s $shell/bin/sh"
  check "$engine: a file system mounted over a store path is named" fault "$engine" \
    "^repot: '$data' is altered" mounts tmpfs tmpfs "$data"
  check "$engine: a file mounted over another one is named" fault "$engine" \
    "^repot: '$data/deep/file' is altered" mounts bind "$data/other" "$data/deep/file"
  check "$engine: with --image, each difference outside the store is named, and no other" \
    differences_from_the_image_are_named "$engine"
done

check "podman with a user namespace: an unaltered container is clean" unaltered_container_is_clean podman-userns
check "an image with an altered layer is an error" altered_image_is_an_error
check "a process that ends while its root is verified is an error" process_that_ends_is_no_clean_container
check "a process of another user is an error that says to run repot as root" process_without_permission_is_an_error
check "a process that does not exist is an error" process_that_does_not_exist_is_an_error
check "a record of pruned entries in the container is a warning, and with --image a difference" planted_record_is_a_warning
check "--repair does not write to a running container" repair_is_refused

summary
