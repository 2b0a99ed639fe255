import Inputs
import TestSupport
import Testing

@testable import Comparison

@Suite struct ContenderTests {
    private static let closure = Workload.Closure(root: "/nix/store/a", paths: ["/nix/store/a", "/nix/store/b"])
    private static let workload = Workload(
        description: "", files: 1, entries: 1, footprint: 1, subject: "nix/store", closure: closure, make: { _ in })
    private static let places = Places(root: "/from", workload, destination: "/to/copy", own: "/to/own")

    private func line(_ contender: Contender) throws -> String {
        try contender.command(Self.places).map(\.description).joined(separator: " ")
    }

    @Test func programsGetSourceAndDestination() throws {
        #expect(try line(.archive) == "cp -a /from/nix/store /to/copy")
        #expect(try line(.repot("/bin/repot", "-R", "-l")) == "/bin/repot -R -l /from/nix/store /to/copy")
        #expect(try line(.floor("/bin/floor", "link", threads: 3)) == "/bin/floor link 3 /from/nix/store /to/copy")
        #expect(try line(.rsync) == "rsync -aHAX /from/nix/store/ /to/copy")
    }

    @Test func closuresAreCopiedFromTheirStore() throws {
        #expect(try line(.nix).hasSuffix("--from local?root=/from --to local?root=/to/copy /nix/store/a"))
        let stage = Contender.stage("repot", "--strategy", "copy")
        #expect(stage.name == "repot stage --strategy copy")
        #expect(
            try line(stage) == "repot stage --strategy copy --store-root /from --closure /to/own/closure /to/copy")
    }

    @Test func pipelinesFailAsAWhole() throws {
        #expect(try line(.tar).hasPrefix("bash -e -o pipefail -c "))
        #expect(try line(.cpio).hasSuffix(" bash /from/nix/store /to/copy"))
    }

    /// In the time that a scan at the asked rate would take.
    @Test func aGigabyteASecond() throws {
        let scratch = try Scratch()
        try TreeBuilder.build(at: scratch / "source") { try $0.file("file", .sparse(length: 500_000_000, data: [])) }
        let places = Places(root: scratch / "source", .nothing, destination: "/to", own: "/own")
        let words = try Contender.gigabyteASecond.command(places).map(\.description)
        #expect(words.first == "sleep")
        #expect(words.count == 2 && abs((Double(words[1]) ?? 0) - 0.5) < 0.001, "\(words)")
    }

    @Test func aTreeIsNoClosure() {
        let places = Places(root: "/from", .nothing, destination: "/to", own: "/own")
        #expect(throws: (any Error).self) { try Contender.nix.command(places) }
    }

    @Test func aProgramThatNobodyPackagesHasAReason() {
        let equipment = Equipment()
        #expect(equipment.obstacle(to: Tool("/there/is/none")) == "there is no /there/is/none")
        #expect(equipment.obstacle(to: Tool("sh", package: "dash")) == nil)
    }
}
