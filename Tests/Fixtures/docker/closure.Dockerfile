# The Dockerfile that people use today. `nix` is a builder image with Nix, as nixos/nix is.
FROM nix AS builder
COPY . /tmp/build
WORKDIR /tmp/build
RUN nix-build program.nix
RUN mkdir /tmp/nix-store-closure
RUN cp -R $(nix-store -qR result/) /tmp/nix-store-closure

FROM scratch
COPY --from=builder /tmp/nix-store-closure /nix/store
COPY --from=builder /tmp/build/result /app
CMD ["/app/bin/hello"]
