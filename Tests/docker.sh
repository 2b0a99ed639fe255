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

# The same in one step: the closure goes from the builder's store into the layer.
with_one_copy() {
  build -t one-copy -f "$fixtures/docker/one-copy.Dockerfile" "$work/context"
  runs one-copy
}
# What is in the image's layers, but for the mount points that BuildKit makes for RUN, with the time of the day.
members() {
  local saved
  saved=$(mktemp -d "$work/saved.XXXX")
  docker save "$1" | tar -x -C "$saved"
  find "$saved" -type f -size +8k -exec tar --full-time -tvf {} \; 2>/dev/null |
    grep -vE ' (builder|builder/nix|builder/tmp|builder/repot|dev|etc|proc|sys)/?$'
}
one_layer_and_nothing_else() {
  [[ $(docker inspect -f '{{len .RootFS.Layers}}' one-copy) == 1 ]]
  members one-copy >"$work/members"
  grep -q ' nix/store/.*-hello/bin/hello$' "$work/members"
  if grep -E ' builder/' "$work/members"; then exit 1; fi
}
same_members_by_one_copy() {
  sleep 1
  build --no-cache -t one-copy-again -f "$fixtures/docker/one-copy.Dockerfile" "$work/context"
  diff <(members one-copy) <(members one-copy-again)
}

# From the host's store, without a stage on disk.
imported_tar() {
  "$REPOT" tar --symlink /app="$work/host/result" "$work/host/result" |
    docker import -c 'CMD ["/app/bin/hello"]' - imported
  runs imported
}
built_from_closure() {
  (cd "$work/host" && "$REPOT" docker-build --builder /usr/bin/docker ./result --symlink /app=./result --entrypoint ./result/bin/hello \
    --env 'WHY=a "quoted" $value' --label what=closure --expose 80 --workdir /app -- --network=none -t from-closure)
  runs from-closure
  [[ $(docker inspect -f '{{json .Config.Env}}' from-closure) == *'WHY=a \"quoted\" $value'* ]]
  [[ $(docker inspect -f '{{json .Config.ExposedPorts}}{{.Config.WorkingDir}}' from-closure) == '{"80/tcp":{}}/app' ]]
}
built_again_the_same() {
  sleep 1
  (cd "$work/host" && "$REPOT" docker-build --builder /usr/bin/docker ./result --symlink /app=./result --entrypoint ./result/bin/hello \
    --env 'WHY=a "quoted" $value' --label what=closure --expose 80 --workdir /app -- --network=none --no-cache -t again)
  diff <(layers from-closure) <(layers again)
}
built_by_own_dockerfile() {
  printf 'FROM scratch\nCOPY rootfs/ /\nCMD ["/app/bin/hello"]\n' >"$work/own.Dockerfile"
  "$REPOT" docker-build --builder /usr/bin/docker "$work/host/result" --symlink /app="$work/host/result" --file "$work/own.Dockerfile" \
    -- --network=none -t own
  runs own
}
failed_build_says_so() {
  local said
  printf 'FROM scratch\nCOPY nowhere /\n' >"$work/wrong.Dockerfile"
  if said=$("$REPOT" docker-build --builder /usr/bin/docker "$work/host/result" --file "$work/wrong.Dockerfile" -- --network=none 2>&1); then exit 1; fi
  grep -q "nowhere" <<<"$said" && grep -q "docker build' failed with status" <<<"$said"
}
# A source that cannot be read ends both, and its path is what is said.
unreadable_source_ends_the_build() {
  local said
  mkdir -p "$work/gone"
  echo /nix/store/00000000000000000000000000000000-gone >"$work/gone/list"
  if said=$("$REPOT" docker-build --builder /usr/bin/docker --closure "$work/gone/list" -- -t gone 2>&1); then exit 1; fi
  grep -q '00000000000000000000000000000000-gone' <<<"$said"
  if docker inspect gone >/dev/null 2>&1; then exit 1; fi
}
missing_builder_says_so() {
  local said
  if said=$("$REPOT" docker-build "$work/host/result" --builder no-such-builder 2>&1); then exit 1; fi
  grep -q "there is no program 'no-such-builder': install it" <<<"$said"
}
dead_daemon_says_so() {
  local said
  if said=$(DOCKER_HOST=unix:///nowhere "$REPOT" docker-build --builder /usr/bin/docker "$work/host/result" 2>&1); then exit 1; fi
  grep -q 'Is its daemon running' <<<"$said"
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

listing() { (cd "$1" && find . "${@:2}" -printf '%p %y %m %n %s %T@ %l\n' | sort); }
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
  # The two themselves are made by COPY, one after the other.
  diff <(listing "$both/tree" -mindepth 1) <(listing "$both/out" -mindepth 1)
  diff -r "$tree" "$both/out"
}

fixtures=$PWD/Tests/Fixtures
mkdir "$work/context"
cp "$fixtures/program.nix" "$work/context/"
start_dockerd
echo "Making a builder image with Nix"
make_builder >/dev/null
Tests/Scripts/closure.sh "$work/host"

check "repot needs no library and no loader" no_library
check "stripped, repot has less than 20 MB" small
check "repot --version takes less than 5 ms" starts_at_once
check "FROM scratch: repot copies a tree" copies_in_scratch
check "today's Dockerfile, cp -R: the program runs" with_cp
check "today's Dockerfile, repot -R: the program runs" with_repot
check "repot stage and COPY --from=builder /out /: the program runs" with_stage
check "repot stage again with --no-cache: the same layer" same_layer_again
check "the Dockerfile with one copy: the program runs" with_one_copy
check "it has one layer, with the closure and no trace of the mounts" one_layer_and_nothing_else
check "once more with --no-cache: the same but for the mount points" same_members_by_one_copy
check "repot tar | docker import -: the program runs" imported_tar
check "repot docker-build: the program runs, and is configured as asked" built_from_closure
check "repot docker-build again: the same layers" built_again_the_same
check "repot docker-build with a Dockerfile of one's own: the program runs" built_by_own_dockerfile
check "a build that fails is said to" failed_build_says_so
check "a closure that is not there is named, and no image made" unreadable_source_ends_the_build
check "a builder that is missing is named" missing_builder_says_so
check "a daemon that does not answer is told of" dead_daemon_says_so
summary
