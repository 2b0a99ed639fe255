import Nar
public import NixClosure
public import SystemCalls

/// What was left out of a root file system on purpose, as the root file system tells: lines of `path`, a store path, the
/// hash and the size of what is left of it as an archive, and how many bytes were left out.
public struct PrunedRecord: Sendable {
    /// Where it is, from the root of the file system.
    public static let name: Path = "nix-path-pruned"

    private(set) var digests: [StorePath: NarDigest] = [:]

    /// Nothing was left out.
    public init() {}

    /// Reads the record of a root file system; one that has none is whole.
    public init(of rootfs: Path, in store: Store) throws(VerificationError) {
        let file = rootfs.appending(Self.name)
        guard let content = try Self.content(of: file) else {
            self.init()
            return
        }
        try self.init(content, named: file, in: store)
    }

    /// Takes what such a record says.
    package init(_ content: [UInt8], named file: Path, in store: Store) throws(VerificationError) {
        for (index, line) in content.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false).enumerated()
        {
            let words = line.split(separator: UInt8(ascii: " "))
            guard words.first.map({ $0.elementsEqual("path".utf8) }) == true else { continue }
            guard let (path, digest) = Self.record(words, store) else {
                throw VerificationError(
                    file,
                    "\(file.quoted), line \(index + 1): a store path, its hash and its size are expected; stage it anew"
                )
            }
            digests[path] = digest
        }
    }

    /// nil where there is none.
    private static func content(of file: Path) throws(VerificationError) -> [UInt8]? {
        let state: OwnFile.State
        do throws(Errno) {
            state = try OwnFile(path: file).state()
            if state == .present { return try Directory.current.readInput(Name(file)) }
        } catch { throw .failed("cannot read", file, error) }
        if state == .absent { return nil }
        throw VerificationError(file, "\(file.quoted) is no file: remove it, or stage anew")
    }

    private static func record(_ words: [ArraySlice<UInt8>], _ store: Store) -> (StorePath, NarDigest)? {
        guard words.count >= 4, let hash = NarHash(String(decoding: words[2], as: UTF8.self)),
            let size = UInt64(String(decoding: words[3], as: UTF8.self)),
            let path = store.storePath(Path(words[1])) ?? StorePath(baseName: Path(words[1]))
        else { return nil }
        return (path, NarDigest(hash: hash, size: size))
    }

    /// The same with the hashes and sizes of what is left.
    package func applied(to infos: [PathInfo]) -> [PathInfo] {
        infos.map { info in
            guard let digest = digests[info.path] else { return info }
            var info = info
            (info.narHash, info.narSize) = (digest.hash, digest.size)
            return info
        }
    }

    /// Whether something was left out of the store path.
    public func contains(_ path: StorePath) -> Bool { digests[path] != nil }
}
