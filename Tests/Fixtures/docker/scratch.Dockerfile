# No C library, no shell: repot and a tree.
FROM scratch AS copy
COPY repot /repot
COPY tree /tree
RUN ["/repot", "-R", "/tree", "/out"]

FROM scratch
COPY --from=copy /tree /tree
COPY --from=copy /out /out
