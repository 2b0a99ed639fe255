# syntax is not named: the mounts below are BuildKit's own.
FROM nix AS builder
COPY . /tmp/build
WORKDIR /tmp/build
RUN nix-build program.nix && nix-store -qR result > /tmp/closure && ln -s "$(readlink result)" /tmp/app

# The closure is written once, into the layer. No shell, no library, no writable store.
FROM scratch
RUN --mount=type=bind,from=builder,source=/nix,target=/builder/nix \
    --mount=type=bind,from=builder,source=/tmp,target=/builder/tmp \
    --mount=type=bind,from=builder,source=/usr/bin/repot,target=/builder/repot \
    ["/builder/repot", "stage", "--store-root", "/builder", "--closure", "/builder/tmp/closure", \
     "--symlink", "/app=/builder/tmp/app", "/"]
CMD ["/app/bin/hello"]
