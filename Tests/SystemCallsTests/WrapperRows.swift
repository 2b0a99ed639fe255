@testable import SystemCalls

private let moment = Timestamp(seconds: -5, nanoseconds: 6)
private let colour = AttributeName("user.colour")

extension WrapperRow {
    static let all = opening + making + naming + content + metadata + attributes

    private static let opening = [
        WrapperRow(
            "openDirectory", .open, .notFound, { _ = try $0.directory.openDirectory("folder", .noFollow) },
            fail: { _ = try $0.directory.openDirectory("missing", []) }),
        WrapperRow(
            "openDirectory of a file", .open, .notDirectory, { _ = try $0.directory.openDirectory(".", []) },
            fail: { _ = try $0.directory.openDirectory("file", []) }),
        WrapperRow(
            "openFile", .open, .loop, { _ = try $0.directory.openFile("symlink", []) },
            fail: { _ = try $0.directory.openFile("symlink", .noFollow) }),
        WrapperRow("createFile", .open, .exists, { _ = try $0.made() }, fail: { _ = try $0.made("symlink") }),
        WrapperRow(
            "openForWriting", .open, .isDirectory, { _ = try $0.writing() }, fail: { _ = try $0.writing("folder") }),
    ]

    private static let making = [
        WrapperRow(
            "makeDirectory", .makeDirectory, .exists, { try $0.directory.makeDirectory("new", .ownerAll) },
            fail: { try $0.directory.makeDirectory("file", .ownerAll) }),
        WrapperRow(
            "makeNode", .makeNode, .exists,
            { try $0.directory.makeNode("new", .fifo, .ownerReadWrite, DeviceNumber(major: 0, minor: 0)) },
            fail: { try $0.directory.makeNode("file", .fifo, .ownerReadWrite, DeviceNumber(major: 0, minor: 0)) }),
        WrapperRow(
            "link", .link, .notFound, { try $0.directory.link("new", from: $0.directory, "symlink") },
            fail: { try $0.directory.link("new", from: $0.directory, "missing") }),
        WrapperRow(
            "symlink", .symlink, .exists, { try $0.directory.symlink("new", to: "nowhere") },
            fail: { try $0.directory.symlink("symlink", to: "nowhere") }),
    ]

    private static let naming = [
        WrapperRow(
            "readLink", .readLink, .invalid, { _ = try $0.directory.readLink("symlink") },
            fail: { _ = try $0.directory.readLink("file") }),
        WrapperRow(
            "unlink", .unlink, .isDirectory, { try $0.directory.unlink("symlink") },
            fail: { try $0.directory.unlink("folder") }),
        WrapperRow(
            "removeDirectory", .unlink, .notEmpty, { try $0.directory.removeDirectory("empty") },
            fail: { try $0.directory.removeDirectory("folder") }),
        WrapperRow(
            "rename to a new name", .rename, .exists, { try $0.directory.rename("file", toNew: "new") },
            fail: { try $0.directory.rename("file", toNew: "symlink") }),
        WrapperRow(
            "rename into another directory", .rename, .exists,
            { try $0.directory.rename("file", toNew: "new", in: $0.directory.openDirectory("folder", [])) },
            fail: { try $0.directory.rename("folder", toNew: "file", in: $0.directory) }),
        WrapperRow(
            "rename over a name", .rename, .notFound, { try $0.directory.rename("file", over: "symlink") },
            fail: { try $0.directory.rename("missing", over: "symlink") }),
        WrapperRow(
            "rename over a name in another directory", .rename, .isDirectory,
            { try $0.directory.rename("file", over: "inside", in: $0.directory.openDirectory("folder", [])) },
            fail: { try $0.directory.rename("file", over: "empty", in: $0.directory) }),
        WrapperRow(
            "exchange of two names", .rename, .notFound, { try $0.directory.exchange("file", with: "folder") },
            fail: { try $0.directory.exchange("file", with: "missing") }),
        WrapperRow(
            "getdents", .getdents, nil,
            { place in
                var entries = DirectoryEntries(capacity: 4096)
                _ = try entries.read(from: place.directory)
            }),
    ]

    private static let content = [
        WrapperRow("read", .read, .isDirectory, { try read($0.reading()) }, fail: { try read($0.reading("folder")) }),
        WrapperRow(
            "readCached", .readCached, .badDescriptor, { try readCached($0.reading()) },
            fail: { try readCached($0.made()) }),
        WrapperRow(
            "readAhead", .readAhead, .invalid, { try $0.reading().readAhead(count: 3) },
            fail: { try $0.reading().readAhead(count: -1) }),
        WrapperRow(
            "read at a place", .read, .badDescriptor, { try read($0.reading(), at: 0) },
            fail: { try read($0.made(), at: 0) }),
        WrapperRow(
            "read as much as there is at a place", .read, .isDirectory, { try readRest($0.reading(), at: 1) },
            fail: { try readRest($0.reading("folder"), at: 0) }),
        WrapperRow(
            "write all of an array", .write, .badDescriptor, { try $0.made().write(all: [1, 2]) },
            fail: { try $0.reading().write(all: [1, 2]) }),
        WrapperRow(
            "write at a place", .write, .badDescriptor, { try write($0.made(), at: 5) },
            fail: { try write($0.reading(), at: 0) }),
        WrapperRow("duplicate", .duplicate, nil, { _ = try $0.reading().duplicate() }),
        WrapperRow(
            "createUnnamed", .open, nil, { _ = try $0.directory.createUnnamed(.ownerReadWrite) }),
        WrapperRow(
            "link to a file without a name", .link, .exists,
            { try $0.directory.link("named", to: $0.directory.createUnnamed(.ownerReadWrite)) },
            fail: { try $0.directory.link("file", to: $0.directory.createUnnamed(.ownerReadWrite)) }),
        WrapperRow("write", .write, .badDescriptor, { try write($0.made()) }, fail: { try write($0.reading()) }),
        WrapperRow(
            "copyRange", .copyRange, .badDescriptor, { _ = try $0.made().copyRange(from: $0.reading(), count: 3) },
            fail: { _ = try $0.reading().copyRange(from: $0.reading("folder/inside"), count: 3) }),
        WrapperRow(
            "truncate", .truncate, .invalid, { try $0.writing().truncate(to: 3) },
            fail: { try $0.reading().truncate(to: 3) }),
        WrapperRow("seek", .seek, .invalid, { try $0.reading().seek(to: 3) }, fail: { try $0.reading().seek(to: -1) }),
        WrapperRow("nextData", .seek, nil, { _ = try $0.reading().nextData(from: 0) }),
        WrapperRow(
            "nextHole", .seek, .noSuchDevice, { _ = try $0.reading().nextHole(from: 0) },
            fail: { _ = try $0.reading().nextHole(from: 100) }),
        WrapperRow("tryLock", .lock, nil, { _ = try $0.reading().tryLock() }),
        WrapperRow("fileSystemType", .fileSystem, nil, { _ = try $0.directory.fileSystemType() }),
    ]

    private static let metadata = [
        WrapperRow("metadata", .statx, nil, { _ = try $0.reading().metadata() }),
        WrapperRow(
            "metadata by name", .statx, .notFound, { _ = try $0.directory.metadata(of: "symlink", following: true) },
            fail: { _ = try $0.directory.metadata(of: "missing", following: false) }),
        WrapperRow("setMode", .setMode, nil, { try $0.reading().setMode(.ownerAll) }),
        WrapperRow(
            "setMode by name", .setMode, .notFound, { try $0.directory.setMode(of: "file", .ownerAll) },
            fail: { try $0.directory.setMode(of: "missing", .ownerAll) }),
        WrapperRow("setOwner", .setOwner, nil, { try $0.reading().setOwner(user: nil, group: nil) }),
        WrapperRow(
            "setOwner by name", .setOwner, .notFound,
            { try $0.directory.setOwner(of: "symlink", user: nil, group: nil) },
            fail: { try $0.directory.setOwner(of: "missing", user: nil, group: nil) }),
        WrapperRow("setTimes", .setTimes, nil, { try $0.writing().setTimes(accessed: moment, modified: moment) }),
        WrapperRow(
            "setTimes by name", .setTimes, .notFound,
            { try $0.directory.setTimes(of: "symlink", accessed: moment, modified: moment) },
            fail: { try $0.directory.setTimes(of: "missing", accessed: moment, modified: moment) }),
    ]

    private static let attributes = [
        WrapperRow("list attributes", .listAttributes, nil, { _ = try $0.reading().extendedAttributes() }),
        WrapperRow("get attributes", .getAttribute, nil, { _ = try $0.reading().extendedAttributes() }),
        WrapperRow(
            "attributes by name", .listAttributes, .notFound,
            { _ = try $0.directory.extendedAttributes(of: "symlink") },
            fail: { _ = try $0.directory.extendedAttributes(of: "missing") }),
        WrapperRow(
            "setAttribute", .setAttribute, .notSupported,
            { try $0.writing().setAttribute(ExtendedAttribute(name: colour, value: [])) },
            fail: { try $0.writing().setAttribute(ExtendedAttribute(name: AttributeName("odd.name"), value: [1])) }),
        WrapperRow(
            "setAttribute by name", .setAttribute, .notFound,
            { try $0.directory.setAttribute(of: "file", ExtendedAttribute(name: colour, value: [1])) },
            fail: { try $0.directory.setAttribute(of: "missing", ExtendedAttribute(name: colour, value: [1])) }),
        WrapperRow("removeAttribute", .removeAttribute, nil, { try $0.writing().removeAttribute(colour) }),
        WrapperRow(
            "removeAttribute by name", .removeAttribute, .notFound,
            { try $0.directory.removeAttribute(of: "file", AttributeName("user.absent")) },
            fail: { try $0.directory.removeAttribute(of: "missing", colour) }),
        WrapperRow("hasAttribute", .getAttribute, nil, { _ = try $0.reading().hasAttribute(colour) }),
    ]

    private static func read(_ file: borrowing Descriptor) throws {
        try withUnsafeTemporaryAllocation(byteCount: 4, alignment: 1) { _ = try file.read(into: $0) }
    }

    private static func read(_ file: borrowing Descriptor, at offset: Int64) throws {
        try withUnsafeTemporaryAllocation(byteCount: 4, alignment: 1) { _ = try file.read(exactly: $0, at: offset) }
    }

    private static func readRest(_ file: borrowing Descriptor, at offset: Int64) throws {
        let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 4096, alignment: 1)
        defer { buffer.deallocate() }
        _ = try file.read(into: buffer, at: offset)
    }

    private static func write(_ file: borrowing Descriptor, at offset: Int64) throws {
        try [UInt8](repeating: 1, count: 4).withUnsafeBytes { try file.write(all: $0, at: offset) }
    }

    private static func readCached(_ file: borrowing Descriptor) throws {
        try withUnsafeTemporaryAllocation(byteCount: 4, alignment: 1) {
            if case .unsupported(let errno) = try file.readCached(into: $0) { throw errno }
        }
    }

    private static func write(_ file: borrowing Descriptor) throws {
        try [UInt8](repeating: 1, count: 4).withUnsafeBytes { try file.write(all: $0) }
    }
}
