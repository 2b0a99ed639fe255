import Inputs
import Measuring
import TestSupport

/// Those who look for references in all that is to be copied, on one core.
extension Contender {
    private static let tree: ByteString = "/nix/store/0123456789abcdfghijklmnpqrsvwxyz-tree"
    private static let hash: ByteString = "zyxwvsrqpnmlkjihgfdcba9876543210"
    private static let last: ByteString = "/nix/store" / (hash + "-last")

    /// `repot closure` of a store path that is the source, with a reference in its last file that has to be found.
    static func scan(_ repot: ByteString) -> Contender {
        Contender("repot closure", Tool(repot.description), role: .repot, result: nil, prepare: makeStore) { places in
            [
                "bash", "-euc", "taskset -c \"$0\" \"${@:2}\" | grep -qxF \"$1\"", ByteString(try firstProcessor()),
                last, repot, "closure", "--closure-from", "scan", "--store-root", places.own, tree,
            ]
        }
    }

    /// GNU grep, which looks for one hash where repot looks for all.
    static let grep = Contender("grep -rlaF", Tool("grep"), result: nil, prepare: makeStore) { places in
        [
            "env", "LC_ALL=C", "taskset", "-c", ByteString(try firstProcessor()),
            "grep", "-rlaF", hash, places.own / tree,
        ]
    }

    /// Nobody in particular: it takes as long as the bytes of the source do at this rate.
    static let gigabyteASecond = Contender(
        "1 GB/s a core", Tool("sleep", package: "coreutils"), result: nil
    ) { places in
        let size = try Command.succeed(["du", "-sb", places.source]).outputText.prefix { $0.isNumber }
        return ["sleep", "\((Double(size) ?? 0) / 1e9)"]
    }

    /// The source's own files, under further names.
    private static func makeStore(_ places: Places) throws {
        try TreeBuilder.build(at: places.own) { try $0.file(last, .empty) }
        try Command.succeed(["cp", "-al", places.source, places.own / tree])
        try TreeBuilder.build(at: places.own / tree) { try $0.file("~last", .text("\(last)\n")) }
    }

    private static func firstProcessor() throws -> String {
        let status = TextFile.read("/proc/self/status") ?? ""
        let line = status.split(separator: "\n").first { $0.hasPrefix("Cpus_allowed_list:") }
        guard let processor = line?.drop(while: { !$0.isNumber }).prefix(while: \.isNumber), !processor.isEmpty else {
            throw TestError("/proc/self/status names no processor")
        }
        return String(processor)
    }
}
