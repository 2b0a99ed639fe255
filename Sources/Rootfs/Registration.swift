import Nar
import NixClosure
import SystemCalls

/// The store paths of a root file system as `nix-store --load-db` reads them. Source: Nix,
/// `LocalStore::makeValidityRegistration`.
///
/// The derivers are left out: they are not in the root file system.
struct Registration {
    static let path: Path = "nix-path-registration"
    static let mode = FileMode(rawValue: 0o444)
    /// The hash that means unknown.
    private static let nullHash = String(repeating: "0", count: 2 * NarHash.length)

    private let store: Store
    private let records: [PathInfo]

    /// - Parameters:
    ///   - infos: the store paths, each with its hash and size.
    ///   - remaining: the hashes and sizes of pruned store paths, without the entries that were left out.
    /// - Throws: an error if a hash or a size is unknown.
    init(_ infos: [PathInfo], _ remaining: [StorePath: NarDigest], in store: Store) throws(PathError) {
        self.store = store
        var records = infos
        for index in records.indices {
            if let digest = remaining[records[index].path] {
                (records[index].narHash, records[index].narSize) = (digest.hash, digest.size)
            }
            guard records[index].isHashed else {
                let path = store.path(of: records[index].path)
                throw PathError(
                    path,
                    "the hash of \(path.quoted) is unknown; use a closure with hashes, such as that of Nix's database")
            }
        }
        self.records = records
    }

    /// The errors for references that lead out of the registration: Nix accepts a complete registration only.
    static func gaps(_ infos: [PathInfo], in store: Store) -> [PathError] {
        let known = Set(infos.map(\.path))
        return infos.flatMap { info in
            info.references.filter { !known.contains($0) }.map { reference in
                let (path, absent) = (store.path(of: info.path), store.path(of: reference))
                return PathError(
                    path,
                    "\(path.quoted) cannot be registered: it refers to \(absent.quoted), which does not belong to the "
                        + "closure; add that, or leave out --registration")
            }
        }
    }

    /// The file with the records of these store paths alone.
    var entry: RootfsEntry { RootfsEntry(path: Self.path, content: .file(text(of: records), mode: Self.mode.rawValue)) }

    /// The content of the file after an existing one was extended. A store path that both have keeps its existing
    /// record, unless that has no hash.
    ///
    /// - Parameters:
    ///   - existing: the content of the existing file.
    ///   - file: the path of that file, for messages.
    /// - Throws: an error if the existing file is not a registration, or if both have a store path with different
    ///   hashes or sizes.
    func content(extending existing: [UInt8], of file: Path) throws(PathError) -> [UInt8] {
        var merged = Dictionary(try parse(existing, file).map { ($0.path, $0) }) { first, _ in first }
        for record in records {
            guard let other = merged[record.path], other.isHashed else {
                merged[record.path] = record
                continue
            }
            guard other.narHash == record.narHash, other.narSize == record.narSize else {
                throw contradiction(record, other, file)
            }
        }
        return text(of: Array(merged.values))
    }

    private func parse(_ content: [UInt8], _ file: Path) throws(PathError) -> [PathInfo] {
        // An empty closure has an empty registration.
        if content.isEmpty { return [] }
        let document: ClosureDocument
        do throws(ClosureError) { document = try ClosureDocument(content, name: file, store) } catch {
            throw PathError(file, "cannot extend the registration: \(error); remove it first", error.errno)
        }
        guard document.form == .registration, let infos = document.infos else {
            throw PathError(file, "\(file.quoted) is not a registration; remove it first")
        }
        return infos
    }

    private func contradiction(_ record: PathInfo, _ existing: PathInfo, _ file: Path) -> PathError {
        let path = store.path(of: record.path)
        let sides = [existing, record].map { "\(Self.hash(of: $0)) (\($0.narSize ?? 0) bytes)" }
        return PathError(
            path,
            "\(file.quoted) has \(path.quoted) with the hash \(sides[0]), and the closure has it with \(sides[1]): "
                + "run repot verify on both, or stage into another destination")
    }

    /// For each store path: the path, its hash in base 16, its size, an empty line for the deriver, the number of
    /// references, and the references, each on a line. The store paths are in byte order.
    private func text(of records: [PathInfo]) -> [UInt8] {
        var bytes: [UInt8] = []
        func add(_ line: some Sequence<UInt8>) { bytes += Array(line) + [UInt8(ascii: "\n")] }
        for record in records.sorted(by: { $0.path < $1.path }) {
            add(store.path(of: record.path).bytes)
            add(Self.hash(of: record).utf8)
            add("\(record.narSize ?? 0)".utf8)
            add([])
            add("\(record.references.count)".utf8)
            for reference in record.references { add(store.path(of: reference).bytes) }
        }
        return bytes
    }

    private static func hash(of record: PathInfo) -> String { record.narHash?.base16 ?? nullHash }
}

extension PathInfo {
    fileprivate var isHashed: Bool { narHash != nil && narSize != nil }
}
