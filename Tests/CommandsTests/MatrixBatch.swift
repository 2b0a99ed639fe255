import SystemCalls
import TestSupport

/// Cases of one user that are run by one shell, each by GNU's cp and by ours.
struct MatrixBatch: Sendable {
    let cases: [MatrixCase]
    let program: ByteString
    let reference: GNUCopy

    /// Whose cp.
    private enum Maker: String, CaseIterable {
        case theirs
        case ours
    }

    /// Whoever hangs is ended after this, with all that comes after it in its batch, which is run again.
    private static let patience = Duration.seconds(60)

    /// What differs, and how many cases were compared.
    func run(in scratch: Scratch) throws -> [MatrixDifference] {
        try prepare(scratch)
        let began = Int(try Directory.current.metadata(of: Name(scratch.path.bytes), following: false).changed.seconds)
        for maker in Maker.allCases { try runAll(maker, scratch) }
        return try cases.indices.compactMap { index in
            MatrixDifference(
                cases[index], reference.version, try outcome(index, .theirs, scratch),
                try outcome(index, .ours, scratch), since: began)
        }
    }

    private func prepare(_ scratch: Scratch) throws {
        try TreeBuilder.build(at: scratch.path) { tree in
            for input in MatrixOptions.Input.allCases {
                guard let text = MatrixScript.answers(input) else { continue }
                for maker in Maker.allCases { try tree.file("streams-\(maker)/\(input)", .text(text)) }
            }
            for maker in Maker.allCases {
                try tree.directory("\(maker)")
                try tree.directory("streams-\(maker)", Attributes(mode: 0o777))
            }
            tree.root(Attributes(mode: 0o755))
        }
        for index in cases.indices {
            for maker in Maker.allCases { try build(cases[index], at: place(index, maker, scratch)) }
        }
    }

    private func build(_ example: MatrixCase, at path: ByteString) throws {
        let account = example.user.account
        try TreeBuilder.build(at: path) { tree in
            for item in example.items { try item.build(in: tree, for: example.user) }
            tree.root(
                Attributes(mode: 0o755, owner: account.id, group: account.group, modified: MatrixItem.epoch))
        }
    }

    private func place(_ index: Int, _ maker: Maker, _ scratch: Scratch) -> ByteString {
        scratch / "\(maker)/\(index)"
    }

    private func streams(_ index: Int, _ maker: Maker, _ scratch: Scratch) -> ByteString {
        scratch / "streams-\(maker)/\(index)"
    }

    private func runAll(_ maker: Maker, _ scratch: Scratch) throws {
        var rest = Array(cases.indices)
        while let first = rest.first {
            let script: ByteString = scratch / "\(maker)-\(first).sh"
            let text = rest.map { call($0, maker, scratch) }.joined()
            try TreeBuilder.build(at: scratch.path) { tree in
                try tree.file("\(maker)-\(first).sh", FileContent.text(text), Attributes(mode: 0o644))
            }
            let environment: [ByteString: ByteString] = ["LC_ALL": "C", "PATH": "/usr/bin:/bin"]
            _ = try Command(
                ["/bin/bash", script], environment: environment, user: cases[first].user.identity,
                timeout: Self.patience
            ).run()
            // One without a status is the one that hung.
            guard let hung = rest.firstIndex(where: { status($0, maker, scratch) == nil }) else { return }
            rest.removeFirst(hung + 1)
        }
    }

    private func call(_ index: Int, _ maker: Maker, _ scratch: Scratch) -> String {
        MatrixScript.call(
            cases[index], maker == .theirs ? reference.command : "exec -a cp \(program)",
            in: place(index, maker, scratch).description, streams: streams(index, maker, scratch).description) + "\n"
    }

    private func status(_ index: Int, _ maker: Maker, _ scratch: Scratch) -> String? {
        let text = (try? contents(streams(index, maker, scratch) + ".status")) ?? ""
        return text.isEmpty ? nil : text.trimmingNewline
    }

    private func outcome(_ index: Int, _ maker: Maker, _ scratch: Scratch) throws -> MatrixOutcome {
        let streams = streams(index, maker, scratch)
        return MatrixOutcome(
            tree: try TreeSnapshot(of: place(index, maker, scratch)),
            status: status(index, maker, scratch) ?? "hangs",
            output: try contents(streams + ".out"), errors: try contents(streams + ".err"))
    }

    private func contents(_ path: ByteString) throws -> String {
        String(decoding: try readSmallFile(Path(path)), as: UTF8.self)
    }
}

extension String {
    fileprivate var trimmingNewline: String { last == "\n" ? String(dropLast()) : self }
}
