import SystemCalls
import TestSupport
import Testing
import TreeCopy

@testable import Commands

/// Where operands go, on a directory with `file`, `dir`, `link` (to `dir`) and a store path.
@Suite struct CopyOperandsTests {
    private static let storePath = "store/0123456789abcdfghijklmnpqrsvwxyz-x"
    private let scratch: Scratch

    init() throws {
        scratch = try Scratch()
        try TreeBuilder.build(at: scratch.path) { tree in
            try tree.file("file")
            try tree.directory("dir")
            try tree.directory("store")
            try tree.directory(ByteString(Self.storePath))
            try tree.symbolicLink("link", to: "dir")
        }
    }

    /// Where each source goes, relative to the directory, and how; or what is wrong.
    private func roots(
        _ words: [String], _ personality: CopyPersonality = .repot, _ change: (inout CopySettings) -> Void = { _ in }
    ) -> [String] {
        var settings = CopySettings(personality, mask: [])
        settings.isRecursive = true
        change(&settings)
        let paths = words.map { Path(scratch.pathText).appending(Path($0)) }
        do {
            var operands = CopyOperands(settings: settings, operands: paths)
            return try operands.roots().map { root in
                "\(short(root.directory)) + \(root.name), \(root.publication)"
            }
        } catch { return [short(Path(error.message))] }
    }

    private func short(_ path: Path) -> String {
        "\(path)".split(separator: scratch.pathText + "/", omittingEmptySubsequences: false).joined()
            .split(separator: scratch.pathText, omittingEmptySubsequences: false).joined(separator: "here")
    }

    @Test(arguments: [
        (["file", "dir"], ["dir + file, whenDone"]), (["file", "new"], ["here + new, whenDone"]),
        (["file", "link"], ["link + file, whenDone"]), (["dir/.", "new"], ["here + new, whenDone"]),
        (["dir/.", "dir"], ["dir + ., inPlace"]), (["dir/..", "dir"], ["dir + ., inPlace"]),
        (["file", "dir", "link"], ["link + file, whenDone", "link + dir, whenDone"]),
        (["dir", "new/"], ["here + new, whenDone"]), ([storePath, "dir"], ["dir + \(storePath.dropFirst(6)), whole"]),
        ([storePath, "new"], ["here + new, whole"]), (["file", "file", "dir"], ["dir + file, whenDone"]),
        (["file", "dir", "new"], ["target 'new': No such file or directory"]),
        (["file", "dir", "file"], ["target 'file': Not a directory"]),
    ])
    func operandsGoWhereCopyPutsThem(words: [String], expected: [String]) {
        #expect(roots(words) == expected)
    }

    @Test func targetDirectoryTakesAll() {
        let target = Path(scratch.pathText).appending(Path("dir"))
        #expect(
            roots(["file", "link"]) { $0.targetDirectory = target } == ["dir + file, whenDone", "dir + link, whenDone"])
        #expect(
            roots(["file"]) { $0.targetDirectory = Path("/nowhere") }
                == ["target directory '/nowhere': No such file or directory"])
        #expect(roots(["dir", "dir"]) { $0.noTargetDirectory = true } == ["here + dir, whenDone"])
        #expect(roots(["dir", "dir", "x"]) { $0.noTargetDirectory = true } == ["extra operand 'x'"])
        #expect(roots([]) == ["missing file operand"])
        #expect(roots(["file"]) == ["missing destination file operand after 'file'"])
    }

    /// Something of another name is no earlier copy of the store path that could be taken for it.
    @Test func storePathsAreMergedIntoWhatHasAnotherName() {
        #expect(roots([Self.storePath, "dir"]) { $0.noTargetDirectory = true } == ["here + dir, whenDone"])
        #expect(roots([Self.storePath, "new"]) { $0.noTargetDirectory = true } == ["here + new, whole"])
    }

    @Test func gnuWritesInPlace() {
        #expect(roots([Self.storePath, "new"], .gnu) == ["here + new, inPlace"])
        #expect(roots(["dir", "link/"], .gnu) == ["link/ + dir, inPlace"])
    }

    /// An operand that is to be followed need not be the store path that its name says.
    @Test func followedOperandsAreNoStorePaths() {
        #expect(
            roots([Self.storePath, "new"]) {
                $0.copy.dereference = .always; $0.dereference = .always
            }
                == ["here + new, whenDone"])
    }
}
