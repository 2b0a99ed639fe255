#!/usr/bin/env bash
# REPOT=FILE docker.sh: the static executable in real Docker. Starts a dockerd of its own.
set -euo pipefail
export LC_ALL=C
REPOT=$(realpath "${REPOT:?names the static repot executable}")
cd "$(dirname "${BASH_SOURCE[0]}")/.."
# shellcheck source=Tests/Scripts/common.sh
source Tests/Scripts/common.sh
need_root "it starts dockerd"
need docker.io nix-bin patchelf hello binutils
# From Debian 13 on, the client and its BuildKit part are packages of their own.
for package in docker-cli docker-buildx; do
  if apt-cache show "$package" >/dev/null 2>&1; then need "$package"; fi
done

work=$(mktemp -d)
dockerd_pid=
end() {
  if [[ $dockerd_pid ]]; then
    kill "$dockerd_pid" 2>/dev/null || true
    wait "$dockerd_pid" 2>/dev/null || true
  fi
  # dockerd can leave its data folder mounted on itself.
  awk -v work="$work/" 'index($2, work) == 1 { print $2 }' /proc/mounts | tac | xargs -r umount || true
  rm -rf "$work"
}
trap end EXIT

export DOCKER_HOST=unix://$work/socket DOCKER_CONFIG=$work/config DOCKER_BUILDKIT=1
# Debian's: another docker on PATH may lack BuildKit.
docker() { /usr/bin/docker "$@"; }

# overlay2 is what people have; vfs works where the temporary directory is itself an overlay.
start_dockerd() {
  local driver
  for driver in overlay2 vfs; do
    /usr/sbin/dockerd --data-root "$work/data" --exec-root "$work/exec" -p "$work/pid" -H "$DOCKER_HOST" \
      --iptables=false --ip6tables=false --bridge=none --storage-driver "$driver" >"$work/dockerd.log" 2>&1 &
    dockerd_pid=$!
    while kill -0 "$dockerd_pid" 2>/dev/null; do
      if docker info >/dev/null 2>&1; then
        echo "dockerd runs with $driver"
        return
      fi
      sleep 0.2
    done
    dockerd_pid=
  done
  tail -n 10 "$work/dockerd.log" >&2
  echo "dockerd does not start here" >&2
  exit 1
}

# The builder image: Nix, a shell and what the build calls, with their libraries, from this machine.
make_builder() {
  local tree=$work/builder link programs libraries
  mkdir -p "$tree"/etc/nix "$tree"/usr/{bin,sbin,lib,lib64}
  mkdir -m 1777 "$tree/tmp"
  for link in /bin /sbin /lib /lib64; do
    if [[ -L $link ]]; then cp -a "$link" "$tree$link"; fi
  done
  mapfile -t programs < <(dpkg -L bash dash coreutils patchelf nix-bin hello | grep -E '^(/usr)?/(bin|libexec/nix)/.')
  mapfile -t libraries < <(ldd "${programs[@]}" 2>/dev/null | grep -oE '/[^ )]+\.so[^ )]*' | sort -u)
  tar -C / -c "${programs[@]#/}" | tar -C "$tree" -x
  tar -C / -ch "${libraries[@]#/}" | tar -C "$tree" -x
  echo 'root:x:0:0:root:/root:/bin/sh' >"$tree/etc/passwd"
  echo "$NIX_CONFIG" >"$tree/etc/nix/nix.conf"
  cp "$REPOT" "$tree/usr/bin/repot"
  tar -C "$tree" -c . | docker import - nix
}

build() { docker build --network=none --progress=plain "$@"; }
output() { docker run --rm --network=none "$@"; }
layers() { docker inspect -f '{{json .RootFS.Layers}}' "$1"; }

runs() {
  local line
  line=$(output "$1")
  [[ $line == 'Hello, world!' ]] || {
    echo "It says: $line"
    return 1
  }
}

with_cp() {
  build -t with-cp -f "$fixtures/docker/closure.Dockerfile" "$work/context"
  runs with-cp
}
with_repot() {
  sed 's/^RUN cp -R/RUN repot -R/' "$fixtures/docker/closure.Dockerfile" >"$work/repot.Dockerfile"
  grep -q '^RUN repot -R' "$work/repot.Dockerfile"
  build -t with-repot -f "$work/repot.Dockerfile" "$work/context"
  runs with-repot
}
with_stage() {
  build -t with-stage -f "$fixtures/docker/stage.Dockerfile" "$work/context"
  runs with-stage
}
# A layer holds times in whole seconds, so a clock that gets into it shows after one.
same_layer_again() {
  sleep 1
  build --no-cache -t with-stage-again -f "$fixtures/docker/stage.Dockerfile" "$work/context"
  [[ $(docker inspect -f '{{len .RootFS.Layers}}' with-stage) == 1 ]]
  diff <(layers with-stage) <(layers with-stage-again)
}

no_library() {
  readelf -dl "$REPOT" >"$work/headers"
  if grep -E 'NEEDED|INTERP' "$work/headers"; then exit 1; fi
}
small() {
  strip -o "$work/stripped" "$REPOT"
  local size
  size=$(stat -c %s "$work/stripped")
  echo "$size bytes"
  ((size < 20000000))
}

# The best of twenty: what others on the machine take is not its time.
starts_at_once() {
  local best=1000000 begin duration
  for _ in {1..20}; do
    begin=${EPOCHREALTIME/[.,]/}
    "$REPOT" --version >/dev/null
    duration=$((${EPOCHREALTIME/[.,]/} - begin))
    if ((duration < best)); then best=$duration; fi
  done
  echo "$best microseconds"
  ((best < 5000))
}

listing() { (cd "$1" && find . -printf '%p %y %m %n %s %T@ %l\n' | sort); }
copies_in_scratch() {
  local tree=$work/scratch/tree both=$work/both
  mkdir -p "$tree/folder/read-only"
  cp "$REPOT" "$work/scratch/repot"
  echo content >"$tree/folder/read-only/file"
  ln "$tree/folder/read-only/file" "$tree/other name"
  ln -s folder/read-only/file "$tree/link"
  chmod 4711 "$tree/other name"
  chmod 555 "$tree/folder/read-only"
  touch -h -d @1 "$tree/other name" "$tree/link"
  # Docker gives folders from the context a new time, so the copy is compared with what repot saw.
  build -f "$fixtures/docker/scratch.Dockerfile" --output "type=tar,dest=$work/both.tar" "$work/scratch"
  mkdir "$both"
  tar -C "$both" -xpf "$work/both.tar"
  diff <(listing "$both/tree") <(listing "$both/out")
  diff -r "$tree" "$both/out"
}

fixtures=$PWD/Tests/Fixtures
mkdir "$work/context"
cp "$fixtures/program.nix" "$work/context/"
start_dockerd
echo "Making a builder image with Nix"
make_builder >/dev/null

check "repot needs no library and no loader" no_library
check "stripped, repot has less than 20 MB" small
check "repot --version takes less than 5 ms" starts_at_once
check "FROM scratch: repot copies a tree" copies_in_scratch
check "today's Dockerfile, cp -R: the program runs" with_cp
check "today's Dockerfile, repot -R: the program runs" with_repot
check "repot stage and COPY --from=builder /out /: the program runs" with_stage
check "repot stage again with --no-cache: the same layer" same_layer_again
summary
