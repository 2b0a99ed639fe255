# syntax is not named: the mount below is BuildKit's own.
FROM nix AS builder
COPY . /tmp/build
WORKDIR /tmp/build
RUN nix-build program.nix && nix-store -qR result > /tmp/closure && ln -s "$(readlink result)" /tmp/app
# What every RUN mounts something on. Made beforehand, it has a fixed time and not that of the build.
RUN mkdir -p /tmp/mounts/dev /tmp/mounts/etc /tmp/mounts/proc /tmp/mounts/sys && \
    touch /tmp/mounts/etc/hosts /tmp/mounts/etc/resolv.conf && \
    touch -d @1 /tmp/mounts/*/* /tmp/mounts/*

# The closure is written once, into the layer. No shell, no library, no writable store, and /dev is in memory.
FROM scratch
COPY --from=builder /tmp/mounts /
RUN --mount=type=bind,from=builder,target=/dev/builder \
    ["/dev/builder/usr/bin/repot", "stage", "--store-root", "/dev/builder", "--closure", "/dev/builder/tmp/closure", \
     "--symlink", "/app=/dev/builder/tmp/app", "/"]
CMD ["/app/bin/hello"]
