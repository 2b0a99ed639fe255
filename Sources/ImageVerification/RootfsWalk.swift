import FileTree
import Image
import NixClosure
import SystemCalls
import Verification

import struct Crypto.SHA256

/// A walk through a root file system that compares each entry with the image.
struct RootfsWalk: ~Copyable {
    /// The maximum number of differences.
    private static let maxDifferences = 100_000

    private var expected: [Path: RootfsEntry]
    private let runtime: RuntimeEntries
    private let store: [UInt8]
    private let isCancelled: @Sendable () -> Bool
    var owners: OwnerMap?
    private let access = AccessTimes()
    private let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 1 << 20, alignment: 4096)
    private var root: Metadata?
    private var result = RootfsComparisonReport()
    /// The entries that the image lacks, in the order of the walk.
    private var unknown: [Path] = []
    /// The mount points and the entries of another type, without their content.
    private var passed: Set<Path> = []

    init(
        _ expected: [Path: RootfsEntry], _ runtime: RuntimeEntries, outside store: Store,
        _ isCancelled: @escaping @Sendable () -> Bool
    ) {
        self.expected = expected
        self.runtime = runtime
        self.store = Path(joining: store.directory.components).bytes
        self.isCancelled = isCancelled
    }

    deinit { buffer.deallocate() }

    /// Compares all entries.
    mutating func run(in directory: Path) throws(PathError) {
        let top: Directory
        do throws(Errno) {
            top = try Directory.current.openDirectory(Name(directory))
            root = try top.metadata()
        } catch { throw .failed("cannot open", directory, error) }
        var walk = OrderedWalk(Name("."), in: top, access) { [store] path in
            path.count > store.count && path[store.count] == Path.slash && path.starts(with: store)
        }
        while true {
            if isCancelled() { throw PathError(directory, "the run was cancelled", isCancelled: true) }
            if result.differences.count + unknown.count > Self.maxDifferences {
                throw PathError(
                    directory,
                    "\(directory.quoted) has more than \(Self.maxDifferences) differences from the image; "
                        + "name the image that it was made from")
            }
            do throws(WalkFailure) {
                guard let entry = try walk.next() else { return }
                if try !compare(entry) { try walk.leaveOut() }
            } catch { fail(Path(error.path), error.errno) }
        }
    }

    private mutating func find(_ path: Path, _ problem: RootfsDifference.Problem) {
        result.differences.append(RootfsDifference(path: Path("/").appending(path), problem: problem))
    }

    /// Reports an entry that cannot be read. One that no longer exists is missing, or none of the image's.
    private mutating func fail(_ path: Path, _ errno: Errno) {
        if errno == .notFound { return }
        passed.insert(path)
        expected[path] = nil
        find(path, .unreadable(.failed("cannot read", Path("/").appending(path), errno)))
    }

    /// Compares an entry. Returns false for a directory that the walk leaves out.
    private mutating func compare(_ entry: WalkEntry) throws(WalkFailure) -> Bool {
        let path = Path(entry.path)
        do throws(Errno) {
            let metadata =
                if let directory = entry.directory { try directory.metadata() } else {
                    try entry.parent.metadata(of: entry.name, following: false)
                }
            if isMount(metadata) {
                result.mounts.append(Path("/").appending(path))
                passed.insert(path)
                return entry.directory == nil
            }
            guard let known = expected.removeValue(forKey: path) else {
                if path.bytes.isEmpty { return true }
                try addUnknown(entry, path, metadata)
                return true
            }
            result.entries += 1
            guard known.kind == metadata.kind else {
                find(path, .type)
                passed.insert(path)
                return entry.directory == nil
            }
            try compareContent(of: entry, path, metadata, known)
            try compareProperties(of: entry, path, metadata, known)
        } catch { fail(path, error) }
        return true
    }

    /// Before Linux 5.8, a mount is known only by its device, which an overlay gives to directories alone.
    private func isMount(_ metadata: Metadata) -> Bool {
        guard let root else { return false }
        if root.mount != 0 { return metadata.mount != root.mount }
        return metadata.kind == .directory && metadata.identity.device != root.identity.device
    }

    private mutating func addUnknown(_ entry: WalkEntry, _ path: Path, _ metadata: Metadata) throws(Errno) {
        let isOfRuntime =
            switch metadata.kind {
            case .directory: runtime.hasDirectory(path)
            case .regular: metadata.size == 0 && runtime.hasEmptyFile(path)
            case .symlink: runtime.hasSymlink(path, to: Path(try entry.parent.readLink(entry.name).bytes))
            default: false
            }
        if !isOfRuntime { unknown.append(path) }
    }

    private mutating func compareContent(
        of entry: WalkEntry, _ path: Path, _ metadata: Metadata, _ known: RootfsEntry
    ) throws(Errno) {
        switch known.content {
        case .file(let size, let digest):
            let isEqual = metadata.size == size ? try self.digest(of: entry, size) == digest : false
            if !isEqual { find(path, .content) }
        case .symlink(let target):
            let found = Path(try entry.parent.readLink(entry.name).bytes)
            if found != target { find(path, .target(found: found, expected: target)) }
        case .device(_, let number): if number != metadata.special { find(path, .content) }
        case .directory, .fifo, .hardLink: break
        }
    }

    /// The digest of a file; nil if it has another size.
    private mutating func digest(of entry: WalkEntry, _ size: Int64) throws(Errno) -> Digest? {
        let file = try access.open(.noFollow) { options throws(Errno) in
            try entry.parent.openFile(entry.name, options)
        }
        var hash = SHA256()
        var rest = size
        while true {
            let count = try file.read(into: buffer)
            rest -= Int64(count)
            if count == 0 || rest < 0 || isCancelled() { break }
            hash.update(bufferPointer: UnsafeRawBufferPointer(rebasing: buffer[..<count]))
        }
        result.bytes += size - max(0, rest)
        return rest == 0 ? Digest(hash.finalize()) : nil
    }

    private mutating func compareProperties(
        of entry: WalkEntry, _ path: Path, _ metadata: Metadata, _ known: RootfsEntry
    ) throws(Errno) {
        guard let properties = known.properties else { return }
        if metadata.kind != .symlink, metadata.mode != properties.mode {
            find(path, .mode(found: metadata.mode.rawValue, expected: properties.mode.rawValue))
        }
        let owner = owners?.inside(metadata.owner) ?? metadata.owner
        if owner != properties.owner {
            find(path, .owner(found: owner, expected: properties.owner))
        }
        let found = try entry.parent.extendedAttributes(of: entry.name).filter { AttributeRule.forbids($0.name) }
        let values = Dictionary(found.map { ($0.name.bytes, $0.value) }) { first, _ in first }
        let expected = properties.attributes.filter {
            AttributeRule.forbids(AttributeName(String(decoding: $0.key, as: UTF8.self)))
        }
        for name in Set(values.keys).union(expected.keys).sorted(by: { Path($0) < Path($1) }) {
            let isEqual =
                expected[name].map { $0 == values[name] || $0 == inNamespace(values[name], name) }
                ?? properties.names.contains(name)
            if !isEqual { find(path, .attribute(name: Path(name))) }
        }
    }

    private func inNamespace(_ value: [UInt8]?, _ name: [UInt8]) -> [UInt8]? {
        let isCapability = name.elementsEqual("security.capability".utf8)
        return isCapability ? value.map { owners?.inside(capability: $0) ?? $0 } : value
    }

    /// The result, with the entries that only one side has. Of a directory with all its content, only the directory is
    /// reported.
    consuming func report() -> RootfsComparisonReport {
        let mountPoints = Set(
            passed.flatMap { path in
                let components = path.components
                return (1...max(1, components.count)).map { Path(joining: components.prefix($0)) }
            })
        for path in outermost(unknown.filter { !mountPoints.contains($0) }) { find(path, .unknown) }
        for path in outermost(expected.keys.sorted()) where !isPassed(path) { find(path, .missing) }
        result.differences.sort { ($0.path, $0.kind) < ($1.path, $1.kind) }
        result.mounts.sort()
        return result
    }

    /// The paths that are below no other one. An entry follows the directory that it is in.
    private func outermost(_ paths: [Path]) -> [Path] {
        var found: Set<Path> = []
        return paths.filter { path in
            let components = path.components
            let isInside = (1..<max(1, components.count)).contains {
                found.contains(Path(joining: components.prefix($0)))
            }
            if !isInside { found.insert(path) }
            return !isInside
        }
    }

    private func isPassed(_ path: Path) -> Bool {
        let components = path.components
        return (1...max(1, components.count)).contains { passed.contains(Path(joining: components.prefix($0))) }
    }
}
