#if FAULT_INJECTION
    import Image
    import StoreFixture
    import SystemCalls
    import Tar
    import TestSupport
    import Testing

    /// The n-th system call fails while a base is read and taken over, for each n until none does.
    @Suite(.serialized) struct BaseFaultTests {
        @Test(arguments: [Errno.inputOutput, .noSpace, .interrupted], ["oci:image", "docker-archive:docker.tar"])
        func nothingIsHalfMade(_ errno: Errno, _ place: String) throws {
            let fixture = try ImageFixture()
            let image = try fixture.write([[0], [1]])
            try fixture.archive(image, as: .docker(name: nil), to: "docker.tar")
            let open = try DescriptorCount.open()
            for number in 1...1000 {
                let name = ByteString("top-\(number)")
                let (result, calls) = Faults.during({ call, _ in call == number ? errno : nil }) {
                    Result {
                        let base = try fixture.stored(place)
                        return try fixture.write([[2]], to: name) {
                            ($0.base, $0.options.workers) = (base, 1)
                        }
                    }
                }
                #expect(try DescriptorCount.open() == open, "call \(number)")
                if case .failure(let error) = result {
                    #expect(errno != .interrupted && error is PathError, "call \(number): \(error)")
                    // The last calls come after the image has its tag: then it is whole.
                    if try fixture.run("cat \(name)/index.json 2>/dev/null || true").contains("digest") {
                        #expect(try fixture.stored("oci:top-\(number)").layerCount == 3, "call \(number)")
                    }
                }
                // Each blob that has a name has the bytes for it, and nothing else has one.
                try fixture.run(
                    """
                    cd \(name)/blobs/sha256 2>/dev/null || exit 0
                    test -z "$(ls -A | grep -v '^[0-9a-f]*$')"
                    for blob in *; do test ! -f "$blob" || echo "$blob  $blob"; done >../../sums
                    test ! -s ../../sums || sha256sum -c --quiet ../../sums
                    """)
                if calls < number { return }
            }
            Issue.record("it never ends")
        }

        /// Layers of others are read to know what is in them.
        @Test(arguments: ["cat", "gzip -cn", "zstd -cq"] as [ByteString])
        func nothingIsOverlooked(_ packer: ByteString) throws {
            let fixture = try ImageFixture()
            let layer = ByteString(try fixture.write([[0]]).layers[0].blob.diffID.hex)
            try fixture.run(
                """
                mkdir save
                \(packer) <image/blobs/sha256/\(layer) >save/layer
                echo '{"rootfs":{"diff_ids":["sha256:\(layer)"]}}' >save/config
                echo '[{"Config":"config","RepoTags":null,"Layers":["layer"]}]' >save/manifest.json
                tar -C save -cf save.tar manifest.json config layer
                """)
            let open = try DescriptorCount.open()
            for number in 1...1000 {
                let (result, calls) = Faults.during({ call, _ in call == number ? .inputOutput : nil }) {
                    Result {
                        let base = try fixture.stored("docker-archive:save.tar")
                        return try BaseContents(base, of: fixture.infos, in: fixture.fake.store, workers: 1).storePaths
                    }
                }
                #expect(try DescriptorCount.open() == open, "call \(number)")
                switch result {
                case .success(let paths): #expect(paths == [fixture.paths[0]] && calls < number, "call \(number)")
                case .failure(let error): #expect((error as? PathError)?.errno == .inputOutput, "call \(number)")
                }
                if calls < number { return }
            }
            Issue.record("it never ends")
        }
    }
#endif
