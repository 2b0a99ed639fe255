import SystemCalls
import TestSupport
import Testing
import TreeCopy

/// A file that cannot be linked or cloned says nothing of those that come after it.
@Suite struct OddFileTests {
    private static let plain = 8

    /// Plain files between two odd ones: one of these comes first, whichever way the folder is read.
    private func build(_ path: ByteString, odd: (TreeBuilder, ByteString) throws -> Void) throws {
        try TreeBuilder.build(at: path) { tree in
            try odd(tree, "first")
            for index in 0..<Self.plain { try tree.file("\(index)", .pattern(size: 9000, seed: UInt64(index))) }
            try odd(tree, "last")
        }
    }

    private func withoutCopyOnWrite(_ file: ByteString) throws {
        let script: ByteString = #"touch "$0" && chattr +C "$0" && head -c 9000 /dev/zero >"$0""#
        try Command.succeed(["sh", "-c", script, file])
    }

    @Test(arguments: [FileSystemKind.btrfs, .tmpfs, .ext4], [1, 2])
    func aSymlinkToAnotherMountStaysAlone(kind: FileSystemKind, workers: Int) throws {
        guard let scratch = try FileSystemMatrix.require(kind)?.scratch() else { return }
        let other = try Scratch()
        try TreeBuilder.build(at: other.path) { try $0.file("file", .pattern(size: 9000)) }
        try build(scratch / "source") { try $0.symbolicLink($1, to: other / "file") }
        let report = copyTree(scratch / "source", to: scratch / "copy") {
            $0.strategy = .hardlink
            $0.dereference = .always
            $0.workers = workers
        }
        #expect(report.errors == [] && report.fallbacks == ["crosses a mount": 2])
        #expect(report.counts.linked == Self.plain && report.counts.copied + report.counts.relinked == 2)
        #expect(report.reasons.count == 2 && report.reasons.first?.findings.first == "hardlink: works")
        #expect(report.reasons.last?.source == Path(scratch / "source/first"))
    }

    @Test(arguments: [FileSystemKind.xfs, .btrfs], [1, 2])
    func aSymlinkToAnotherMountIsCopiedAndOthersCloned(kind: FileSystemKind, workers: Int) throws {
        guard let scratch = try FileSystemMatrix.require(kind)?.scratch() else { return }
        let other = try Scratch()
        try TreeBuilder.build(at: other.path) { try $0.file("file", .pattern(size: 9000)) }
        try build(scratch / "source") { try $0.symbolicLink($1, to: other / "file") }
        let report = copyTree(scratch / "source", to: scratch / "copy") {
            $0.dereference = .always
            $0.preserve.remove(.links)
            $0.workers = workers
        }
        #expect(report.errors == [] && report.counts.cloned == Self.plain && report.counts.copied == 2)
    }

    @Test(arguments: [false, true]) func aMountOnAFileStaysAlone(isStrict: Bool) throws {
        guard let scratch = try FileSystemMatrix.require(.btrfs)?.scratch() else { return }
        try build(scratch / "source") { try $0.file($1, .pattern(size: 100)) }
        for name: ByteString in ["first", "last"] {
            try Command.succeed(["mount", "--bind", scratch / "source/0", scratch / "source" / name])
        }
        defer { _ = try? Command.run(["umount", scratch / "source/first", scratch / "source/last"]) }
        let report = copyTree(scratch / "source", to: scratch / "copy") {
            $0.strategy = .hardlink
            $0.isStrict = isStrict
            $0.workers = 1
        }
        #expect(report.errors.map(\.errno) == (isStrict ? [.crossesMount, .crossesMount] : []))
        // The kernel may clone even from another mount of the file system. Source: ioctl_ficlone(2).
        let others = report.counts.copied + report.counts.cloned
        #expect(report.counts.linked == Self.plain && others == (isStrict ? 0 : 2))
    }

    /// A subvolume has its mount's number, and takes no links from outside all the same.
    @Test func aSubvolumeStaysAlone() throws {
        guard let scratch = try FileSystemMatrix.require(.btrfs)?.scratch() else { return }
        let subvolumes = ["first", "last"].map { scratch / "source" / $0 }
        try TreeBuilder.build(at: scratch / "source") { tree in
            try Command.succeed(["btrfs", "subvolume", "create", subvolumes[0]])
            for index in 0..<Self.plain { try tree.file("\(index)/file", .pattern(size: 9000)) }
            try Command.succeed(["btrfs", "subvolume", "create", subvolumes[1]])
        }
        defer { _ = try? Command.run(["btrfs", "subvolume", "delete"] + subvolumes) }
        for subvolume in subvolumes {
            try TreeBuilder.build(at: subvolume) { try $0.file("file", .pattern(size: 9000)) }
        }
        let report = copyTree(scratch / "source", to: scratch / "copy") {
            $0.strategy = .hardlink
            $0.workers = 1
        }
        #expect(report.errors == [] && report.fallbacks == ["crosses a mount": 2])
        #expect(report.counts.linked == Self.plain && report.counts.cloned == 2)
    }

    @Test(arguments: [false, true]) func aFileWithoutCopyOnWriteStaysAlone(isStrict: Bool) throws {
        guard let scratch = try FileSystemMatrix.require(.btrfs)?.scratch() else { return }
        try build(scratch / "source") { try withoutCopyOnWrite(scratch / "source" / $1) }
        let report = copyTree(scratch / "source", to: scratch / "copy") {
            $0.strategy = .reflink
            $0.isStrict = isStrict
            $0.workers = 1
        }
        #expect(report.errors.map(\.errno) == (isStrict ? [.invalid, .invalid] : []))
        #expect(report.counts.cloned == Self.plain && report.counts.copied == (isStrict ? 0 : 2))
    }

    /// Where the copy goes through a symlink that was there, the refusal is about where that leads.
    @Test func aDestinationOnAnotherMountStaysAlone() throws {
        guard let scratch = try FileSystemMatrix.require(.btrfs)?.scratch() else { return }
        let other = try Scratch()
        try TreeBuilder.build(at: other.path) { try $0.file("file", .text("x")) }
        try build(scratch / "source") { try $0.file($1, .pattern(size: 9000)) }
        try TreeBuilder.build(at: scratch / "copy") { tree in
            for name: ByteString in ["first", "last"] { try tree.symbolicLink(name, to: other / "file") }
        }
        let report = copyTree(scratch / "source", to: scratch / "copy") {
            $0.actsAsGNU = true
            $0.workers = 1
        }
        #expect(report.errors == [] && report.counts.cloned == Self.plain && report.counts.copied == 2)
        #expect(try metadata(other / "file").size == 9000)
    }

    /// The operand that comes first need not be the one that the pair of mounts is named by.
    @Test func thePairIsNamedByTheLeastPath() throws {
        let scratch = try Scratch()
        let names: [ByteString] = ["m", "z", "a", "k"]
        try TreeBuilder.build(at: scratch.path) { tree in
            for name in names { try tree.file("\(name)/file", .text("x")) }
            try tree.directory("copy")
        }
        var options = CopyOptions()
        options.workers = 1
        let roots = names.map {
            CopyRoot(
                source: Path(scratch / $0), directory: Path(scratch / "copy"), name: Path($0), publication: .inPlace)
        }
        let report = CopyEngine(CopyRequest(roots: roots, options: options)).copy()
        #expect(report.errors == [] && report.reasons.map(\.source) == [Path(scratch / "a")])
    }
}
