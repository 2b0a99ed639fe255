# --build-context nix=DIR: what repot stage has written to DIR.
FROM scratch
COPY --from=nix . /
CMD ["/app/bin/hello"]
