#!/usr/bin/env bash
# REPOT=FILE docker.sh: the static executable in real Docker. Starts a dockerd of its own.
# shellcheck source=Tests/Scripts/start.sh
source "$(dirname "${BASH_SOURCE[0]}")/Scripts/start.sh"
need_root "it starts dockerd"
need binutils procps podman buildah skopeo umoci
# shellcheck source=Tests/Scripts/docker.sh
source Tests/Scripts/docker.sh

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
# What is in the image's layers.
members() {
  local saved
  saved=$(mktemp -d "$work/saved.XXXX")
  docker save "$1" | tar -x -C "$saved"
  find "$saved" -type f -size +3k -exec tar --full-time -tvf {} \; 2>/dev/null
}
closure_and_mount_points() {
  members one-copy >"$work/members"
  grep -q ' nix/store/.*-hello/bin/hello$' "$work/members"
  if grep -v ' 1970-01-01 00:00:01 ' "$work/members"; then exit 1; fi
  diff <(printf '%s\n' app dev/ etc/ etc/hosts etc/resolv.conf nix/ proc/ sys/) \
    <(grep -oE ' (app|(dev|etc|proc|sys|builder|nix/[^s]).*|nix/)( ->|$)' "$work/members" | sed 's/ ->$//; s/^ //' | sort)
}
same_layers_by_one_copy() {
  sleep 1
  build --no-cache -t one-copy-again -f "$fixtures/docker/one-copy.Dockerfile" "$work/context"
  diff <(layers one-copy) <(layers one-copy-again)
}

# A root that was staged on the host, as the context and as a context with a name.
staged_as_context() {
  "$REPOT" stage --symlink /app="$work/host/result" "$work/host/result" "$work/staged"
  printf 'FROM scratch\nCOPY . /\nCMD ["/app/bin/hello"]\n' >"$work/folder.Dockerfile"
  build -t folder -f "$work/folder.Dockerfile" "$work/staged"
  runs folder
}
staged_as_named_context() {
  build -t named -f "$fixtures/docker/build-context.Dockerfile" --build-context "nix=$work/staged" "$work/context"
  runs named
}

# From the host's store, without a stage on disk.
imported_tar() {
  "$REPOT" tar --symlink /app="$work/host/result" "$work/host/result" |
    docker import -c 'CMD ["/app/bin/hello"]' - imported
  runs imported
}
# shellcheck disable=SC2016 # The dollar is for repot to escape.
built_from_closure() {
  (cd "$work/host" && "$REPOT" docker-build --builder /usr/bin/docker ./result --symlink /app=./result --entrypoint ./result/bin/hello \
    --env 'WHY=a "quoted" $value' --label what=closure --expose 80 --workdir /app -- --network=none -t from-closure)
  runs from-closure
  [[ $(docker inspect -f '{{json .Config.Env}}' from-closure) == *'WHY=a \"quoted\" $value'* ]]
  [[ $(docker inspect -f '{{json .Config.ExposedPorts}}{{.Config.WorkingDir}}' from-closure) == '{"80/tcp":{}}/app' ]]
}
# shellcheck disable=SC2016 # As above.
build_again() {
  sleep 1
  (cd "$work/host" && "$REPOT" docker-build --builder /usr/bin/docker ./result --symlink /app=./result --entrypoint ./result/bin/hello \
    --env 'WHY=a "quoted" $value' --label what=closure --expose 80 --workdir /app -- --network=none --no-cache -t again)
}
same_layers_again() {
  build_again
  diff <(layers from-closure) <(layers again)
}
same_image_again() { diff <(docker inspect -f '{{.Id}} {{.Created}}' from-closure) <(docker inspect -f '{{.Id}} {{.Created}}' again); }
own_time_is_kept() {
  (cd "$work/host" && SOURCE_DATE_EPOCH=86400 build_again)
  [[ $(docker inspect -f '{{.Created}}' again) == 1970-01-02T00:00:00Z ]]
}

# The same image twice, and it runs. They have no network and no runtime of their own here, so docker runs it.
with_other_builder() {
  local builder=$1 turn
  unset DOCKER_CONFIG
  export CONTAINERS_STORAGE_CONF=$work/storage.conf
  for turn in one two; do
    (cd "$work/host" && "$REPOT" docker-build --builder "$builder" ./result --entrypoint ./result/bin/hello -- --no-cache -t "$builder-$turn")
    sleep 1
    "$builder" images --no-trunc -q "localhost/$builder-$turn" >"$work/$builder.$turn"
  done
  diff "$work/$builder.one" "$work/$builder.two"
  "$builder" push "localhost/$builder-one" "docker-archive:$work/$builder.tar:$builder:latest"
  docker load -i "$work/$builder.tar"
  runs "$builder"
}

# Through skopeo into an OCI layout, and out of it with umoci: what a stage would be.
other_tools_read_it() {
  docker save from-closure >"$work/from-closure.tar"
  skopeo inspect "docker-archive:$work/from-closure.tar" | grep '"Layers"' >/dev/null
  skopeo copy --insecure-policy "docker-archive:$work/from-closure.tar" "oci:$work/oci:app"
  umoci unpack --image "$work/oci:app" "$work/bundle"
  diff -r --no-dereference "$work/staged" "$work/bundle/rootfs"
  diff <(times_and_modes "$work/staged") <(times_and_modes "$work/bundle/rootfs")
}
times_and_modes() { (cd "$1" && find . -mindepth 1 -printf '%p %y %m %U:%G %T@ %l\n' | sort); }

# interrupted COMMAND...: SIGINT to it alone, once `ready` says so. It ends soon, with 130, and its programs too.
interrupted() {
  local process children begin status=0 child
  # What a shell starts in the background ignores SIGINT.
  env --default-signal=INT "$@" >"$work/interrupted.log" 2>&1 &
  process=$!
  for _ in {1..600}; do
    if ready; then break; fi
    sleep 0.1
  done
  ready
  children=$(pgrep -P "$process")
  children+=" $(pgrep -P "${children//$'\n'/,}" || true)"
  begin=${EPOCHREALTIME/[.,]/}
  kill -INT "$process"
  wait "$process" || status=$?
  echo "status $status after $((${EPOCHREALTIME/[.,]/} - begin)) microseconds"
  ((${EPOCHREALTIME/[.,]/} - begin < 10000000 && status == 130))
  for child in $children; do
    if kill -0 "$child" 2>/dev/null; then exit 1; fi
  done
}
interrupted_while_it_sends() {
  local path=/nix/store/00000000000000000000000000000000-huge
  mkdir -p "$work/huge${path%/*}"
  truncate -s 100G "$work/huge$path"
  echo "$path" >"$work/huge/list"
  ready() { pgrep -P "$process" && (($(awk '/^rchar/ { print $2 }' "/proc/$process/io") > 100000000)); }
  interrupted "$REPOT" docker-build --builder /usr/bin/docker --store-root "$work/huge" --closure "$work/huge/list"
}
interrupted_while_docker_is_busy() {
  printf 'FROM nix\nCOPY rootfs/ /rootfs\nRUN sleep 61.7\n' >"$work/busy.Dockerfile"
  ready() { pgrep -fx 'sleep 61.7'; }
  interrupted "$REPOT" docker-build --builder /usr/bin/docker "$work/host/result" --file "$work/busy.Dockerfile" -- --network=none
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
  ((size < 25000000))
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
  ((best < 10000))
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
printf '[storage]\ndriver = "vfs"\ngraphroot = "%s"\nrunroot = "%s"\n' "$work/containers" "$work/containers-run" >"$work/storage.conf"
start_dockerd
version=$(docker version -f '{{.Server.Version}}')
echo "Making a builder image with Nix"
make_builder >/dev/null
Tests/Scripts/closure.sh "$work/host"

check "repot needs no library and no loader" no_library
check "stripped, repot has less than 25 MB" small
check "repot --version takes less than 5 ms" starts_at_once
check "FROM scratch: repot copies a tree" copies_in_scratch
check "today's Dockerfile, cp -R: the program runs" with_cp
check "today's Dockerfile, repot -R: the program runs" with_repot
check "repot stage and COPY --from=builder /out /: the program runs" with_stage
check "repot stage again with --no-cache: the same layer" same_layer_again
check "the Dockerfile with one copy: the program runs" with_one_copy
check "its layers have the closure and what is mounted on, all with time 1" closure_and_mount_points
check "once more with --no-cache: the same layers" same_layers_by_one_copy
check "a staged folder as the context: the program runs" staged_as_context
if docker build --help | grep -e --build-context >/dev/null; then
  check "a staged folder as a named context: the program runs" staged_as_named_context
else
  echo "SKIP a staged folder as a named context: this docker $version has no --build-context, 23.0 has"
fi
check "repot tar | docker import -: the program runs" imported_tar
check "repot docker-build: the program runs, and is configured as asked" built_from_closure
check "repot docker-build again: the same layers" same_layers_again
if ((${version%%.*} >= 24)); then
  check "and the same image" same_image_again
  check "SOURCE_DATE_EPOCH is the image's time" own_time_is_kept
else
  echo "SKIP the same image: this docker $version always writes the time of the build, 24.0 takes SOURCE_DATE_EPOCH"
fi
check "repot docker-build --builder podman: the same image twice, and it runs" with_other_builder podman
check "repot docker-build --builder buildah: the same image twice, and it runs" with_other_builder buildah
check "skopeo and umoci read the image: it is what repot stage writes" other_tools_read_it
check "repot docker-build with a Dockerfile of one's own: the program runs" built_by_own_dockerfile
check "a build that fails is said to" failed_build_says_so
check "a closure that is not there is named, and no image made" unreadable_source_ends_the_build
check "a builder that is missing is named" missing_builder_says_so
check "a daemon that does not answer is told of" dead_daemon_says_so
check "SIGINT while the context is sent ends all" interrupted_while_it_sends
check "SIGINT while docker is busy ends all" interrupted_while_docker_is_busy
summary
