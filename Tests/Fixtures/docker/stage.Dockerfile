FROM nix AS builder
COPY . /tmp/build
WORKDIR /tmp/build
RUN nix-build program.nix
RUN repot stage --symlink /app=./result ./result /out

FROM scratch
COPY --from=builder /out /
CMD ["/app/bin/hello"]
