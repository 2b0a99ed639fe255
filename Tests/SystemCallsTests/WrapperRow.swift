import TestSupport
import Testing

@testable import SystemCalls

/// A wrapper: how it succeeds, and how the kernel refuses it.
struct WrapperRow: Sendable, CustomTestStringConvertible {
    typealias Body = @Sendable (WrapperPlace) throws -> Void

    let name: String
    let call: SystemCall
    let refusal: Errno?
    let succeed: Body
    let fail: Body

    var testDescription: String { name }

    init(
        _ name: String, _ call: SystemCall, _ refusal: Errno? = nil, _ succeed: @escaping Body,
        fail: @escaping Body = { _ in }
    ) {
        self.name = name
        self.call = call
        self.refusal = refusal
        self.succeed = succeed
        self.fail = fail
    }
}

/// A folder with one entry of each kind that the rows need.
struct WrapperPlace {
    let scratch: Scratch
    let directory: Directory

    init() throws {
        scratch = try Scratch()
        try TreeBuilder.build(at: scratch.path) { tree in
            try tree.file("file", .text("content"), Attributes(extended: ["user.colour": [7]]))
            try tree.file("folder/inside", .text("inside"))
            try tree.symbolicLink("symlink", to: "file")
            try tree.directory("empty")
        }
        directory = try Directory.current.openDirectory(Name(Path(scratch.path.bytes)), [])
    }

    func reading(_ name: String = "file") throws -> Descriptor { try directory.openFile(Name(name), []) }
    func writing(_ name: String = "file") throws -> Descriptor { try directory.openForWriting(Name(name), []) }
    func made(_ name: String = "made") throws -> Descriptor { try directory.createFile(Name(name), .ownerReadWrite) }
}

extension Name: ExpressibleByStringLiteral {
    /// The name of a literal.
    public init(stringLiteral text: String) { self.init(text) }
}
