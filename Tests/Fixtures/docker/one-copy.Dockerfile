# syntax is not named: the mounts below are BuildKit's own.
FROM nix AS builder
COPY . /tmp/build
WORKDIR /tmp/build
RUN nix-build program.nix && mkdir /tmp/closure && nix-store -qR result > /tmp/closure/paths && \
    ln -s "$(readlink result)" /tmp/closure/app
# What every RUN mounts something on. Made beforehand, it has a fixed time and not that of the build.
RUN mkdir -p /tmp/mounts/dev /tmp/mounts/etc /tmp/mounts/proc /tmp/mounts/sys && \
    touch /tmp/mounts/etc/hosts /tmp/mounts/etc/resolv.conf && \
    touch -d @1 /tmp/mounts/*/* /tmp/mounts/*

# The closure is written once, into the layer. No shell, no library, no writable store, and /dev is in memory. BuildKit
# reads all that is mounted, to know whether it has changed: so it is no more than needed.
FROM scratch
COPY --from=builder /tmp/mounts /
RUN --mount=type=bind,from=builder,source=/nix/store,target=/dev/builder/nix/store \
    --mount=type=bind,from=builder,source=/tmp/closure,target=/dev/builder/closure \
    --mount=type=bind,from=builder,source=/usr/bin/repot,target=/dev/builder/repot \
    ["/dev/builder/repot", "stage", "--store-root", "/dev/builder", "--closure", "/dev/builder/closure/paths", \
     "--symlink", "/app=/dev/builder/closure/app", "/"]
CMD ["/app/bin/hello"]
