import SystemCalls
import TestSupport
import Testing

/// Operands that are copied one after the other, and more of them than a process may have files open.
@Suite struct ManyOperandsTests {
    private let scratch: Scratch

    init() throws {
        scratch = try Scratch()
        try TreeBuilder.build(at: scratch / "source") { tree in
            for index in 0..<300 {
                try tree.file("p\(index)/f\(index)", .text("\(index)"))
                try tree.hardLink("p\(index)/g\(index)", to: "p\(index)/f\(index)")
            }
        }
    }

    /// Copies to a folder that is new, with few descriptors: its tree, and what was said.
    private func copy(_ program: String, _ arguments: String) throws -> (tree: TreeSnapshot, result: CommandResult) {
        let script = "umask 022; ulimit -n 256; rm -rf ../copy; mkdir ../copy; exec \(program) \(arguments) ../copy"
        let result = try Command.run(
            ["/bin/bash", "-c", ByteString(script), "bash", Repot.path],
            environment: Command.inheritedEnvironment.merging(["LC_ALL": "C"]) { $1 }, directory: scratch / "source")
        return (try TreeSnapshot(of: scratch / "copy"), result)
    }

    /// Without `-a`, symlinks among the operands are followed, and each file may come again.
    @Test(arguments: [
        "-v --preserve=links */f*", "-b --preserve=links */f*", "-v */f*", "-v --preserve=links --parents */f*",
        "-b --preserve=links --parents */f* */g*", "-a --parents */f* */g*", "-av --parents */g* */f*",
    ])
    func asGNU(_ arguments: String) throws {
        let theirs = try copy("/bin/cp", arguments)
        let ours = try copy("-a cp \"$1\"", arguments)
        #expect(theirs.result.status == 0 && ours.result.status == 0)
        #expect(ours.result.errorText == "")
        #expect(sorted(ours.result.outputText) == sorted(theirs.result.outputText))
        let times: Set<Aspect> = [.directoryTimes, .rootTimes]
        let aside = arguments.contains("-a") ? times : times.union([.times])
        #expect(TreeSnapshot.difference(theirs.tree, ours.tree, ignoring: aside) == [])
    }

    @Test func underItsOwnName() throws {
        let theirs = try copy("/bin/cp", "-a */f*")
        let ours = try copy("\"$1\" cp", "-v */f*")
        #expect(ours.result.status == 0)
        #expect(ours.result.errorText == "")
        #expect(TreeSnapshot.difference(theirs.tree, ours.tree, ignoring: [.rootTimes]) == [])
    }

    private func sorted(_ text: String) -> [Substring] { text.split(separator: "\n").sorted() }
}

/// What an operand more costs where each follows the one before: no more than its own calls, and no worker is woken.
@Suite struct ManyOperandsBudgetTests {
    private static let (few, many) = (100, 300)
    private let scratch: Scratch

    init() throws { scratch = try Scratch() }

    private func expect(
        _ call: String, atMost budget: Double, _ words: [ByteString], finding found: [ByteString] = [],
        _ make: (TreeBuilder, Int) throws -> Void
    ) throws {
        let counts = try [Self.few, Self.many].map { size in
            let source = scratch / "source\(size)"
            try TreeBuilder.build(at: source) { tree in
                for index in 0..<size { try make(tree, index) }
            }
            try TreeBuilder.build(at: scratch / "copy\(size)") { tree in
                for name in found { try tree.file(name) }
            }
            let names = (0..<size).map { source / "\($0)" }
            return try SystemCallCount(words + names + [scratch / "copy\(size)"], report: scratch / "report")
        }
        for (name, most) in [(call, budget), ("futex", 0)] {
            let growth = Double(counts[1][name] - counts[0][name]) / Double(Self.many - Self.few)
            #expect(growth <= most + 0.1, "\(name)")
        }
    }

    /// The source is opened twice: it is seen to be readable before what is there is touched.
    @Test func aToldFileOpensItselfAndItsCopy() throws {
        try expect("openat", atMost: 3, [Repot.path, "cp", "-v"]) { try $0.file("\($1)", .text("x")) }
    }

    @Test func aToldFileListsNothing() throws {
        try expect("getdents64", atMost: 0, [Repot.path, "cp", "-v"]) { try $0.file("\($1)", .text("x")) }
    }

    /// Where one of them meets something, the next waits for it.
    @Test func aNameMoreOpensTheFileAlone() throws {
        let copy = try Repot.asCopy(in: scratch / "bin")
        try expect("openat", atMost: 1, [copy, "-d", "--preserve=links"], finding: ["0"]) {
            if $1 == 0 { try $0.file("0", .text("x")) } else { try $0.hardLink("\($1)", to: "0") }
        }
    }

    /// A temporary name is made for it in the target, where those of others are not looked for again.
    @Test func aToldFolderListsItselfAlone() throws {
        try expect("getdents64", atMost: 3, [Repot.path, "cp", "-Rv"]) { try $0.directory("\($1)") }
    }
}
