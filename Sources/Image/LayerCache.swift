import FileTree
import JSON
public import SystemCalls
import Tar

/// Remembers which blob came of which store paths, so that a layer that is there already is not read again.
///
/// An entry is a small file under the digest of all that a layer's bytes depend on: the hashes of its store paths, and
/// the options. It says what it says of itself again by its own digest, so that a damaged one is none. Any of them may
/// go at any time.
public struct LayerCache: Sendable {
    /// Of more entries the oldest go.
    private static let mostEntries = 20_000
    /// What the bytes of a layer depend on beside what is named: it changes when the format of archives does.
    private static let version = "3"
    /// How old an entry in use may look.
    private static let daySeconds: Int64 = 86_400

    private let path: Path
    /// The user to whom the directory must belong; nil for any user.
    private let owner: UInt32?
    /// The open directory; nil if it does not exist, is a symlink, or belongs to another user.
    private let directory: Directory?

    /// A cache in that directory, which is created with its parent when something is written to it. The directories
    /// above exist. A symlink is not followed.
    ///
    /// - Parameter owner: the user to whom an existing directory must belong to be used; nil for any user.
    public init(_ path: Path, owner: UInt32? = nil) {
        self.path = path
        self.owner = owner
        directory = Self.open(path, owner)
    }

    private static func open(_ path: Path, _ owner: UInt32?) -> Directory? {
        guard let directory = try? Directory.current.openDirectory(Name(path), .noFollow) else { return nil }
        guard let owner else { return directory }
        guard let found = try? directory.metadata(), found.owner.user == owner,
            found.mode.isDisjoint(with: .writeByOthers)
        else { return nil }
        return directory
    }

    /// The cache of the user, in `$XDG_CACHE_HOME/repot/layers` or `~/.cache/repot/layers`. Returns nil if the cache
    /// directory does not exist, since repot does not create home directories, and in a build of Nix, which sets
    /// `NIX_BUILD_TOP`.
    /// Sources: XDG Base Directory Specification; Nix, 'nix-build'.
    public static func usual() -> LayerCache? {
        if ProcessState.variable("NIX_BUILD_TOP") != nil { return nil }
        let explicit = ProcessState.variable("XDG_CACHE_HOME").flatMap(absolute)
        guard let directory = explicit ?? ProcessState.variable("HOME").flatMap(absolute)?.appending(".cache"),
            (try? Directory.current.metadata(of: Name(directory), following: true))?.kind == .directory
        else { return nil }
        return LayerCache(directory.appending("repot/layers"), owner: ProcessState.effectiveOwner.user)
    }

    private static func absolute(_ text: String) -> Path? { text.startsWithBytes(of: "/") ? Path(text) : nil }

    /// nil where it is not known what the layer's bytes depend on: a hash of a store path tells neither owners nor
    /// times, nor which files share an inode.
    static func key(_ plan: LayerPlan, _ options: ArchiveOptions) -> Digest? {
        guard let content = plan.content, let owner = options.owner, case .fixed(let time) = options.times,
            options.hardLinks != .preserve
        else { return nil }
        let form =
            "\(version) \(options.compression) \(options.compression.program) \(owner.user):\(owner.group) \(time) "
            + "\(options.hardLinks)"
        return Digest(of: Array(([form] + content).joined(separator: "\n").utf8))
    }

    /// The blob of an entry. Returns nil if there is no entry, if it is damaged, and if the blob has another media type.
    func blob(_ key: Digest, _ mediaType: String) -> LayerBlob? {
        guard let content = content(key), let end = content.lastIndex(of: UInt8(ascii: "\n")),
            Digest(of: Array(content[..<end])).hex == String(decoding: content[(end + 1)...], as: UTF8.self),
            let json = try? JSONReader.value(of: Array(content[..<end])),
            let diffID = json["diffID"]?.string.flatMap({ Digest($0) }),
            let descriptor = json["blob"].flatMap({ BlobDescriptor($0) }), descriptor.mediaType == mediaType
        else { return nil }
        return LayerBlob(
            diffID: diffID, descriptor: BlobDescriptor(mediaType, descriptor.digest, size: descriptor.size))
    }

    /// What is in use gets a new time, so that it is not the oldest; a day more or less does not matter.
    private func content(_ key: Digest) -> [UInt8]? {
        let now = wallClock()
        guard let file = try? directory?.openFile(Name(key.hex), .noFollow),
            let age = try? now.seconds - file.metadata().modified.seconds
        else { return nil }
        if age > Self.daySeconds { try? file.setTimes(accessed: now, modified: now) }
        return try? file.readToEnd(atMost: 1 << 16)
    }

    /// Remembers what a layer was written as. Attributes of files are no part of the hashes of store paths, so such a
    /// layer is not remembered, and what was remembered before is forgotten.
    func note(_ blob: LayerBlob, _ key: Digest, hasAttributes: Bool) {
        if hasAttributes {
            try? directory?.unlink(Name(key.hex))
        } else {
            keep(blob, key)
        }
    }

    /// Remembers a blob. A cache that cannot be written is none, and no reason to fail.
    private func keep(_ blob: LayerBlob, _ key: Digest) {
        let json = JSONValue.object([("diffID", .string(blob.diffID.description)), ("blob", blob.descriptor.json)])
        let text = Array(json.text.utf8)
        guard let directory = directory ?? makeDirectory() else { return }
        do throws(PathError) {
            let file = try NewFile(in: directory, path)
            try file.write(text + [UInt8(ascii: "\n")] + Array(Digest(of: text).hex.utf8), for: Name(key.hex))
            try file.publish(as: Name(key.hex))
        } catch { return }
    }

    /// Returns nil if the directory cannot be created or used.
    private func makeDirectory() -> Directory? {
        for parent in [path.parent, path] { try? Directory.current.makeMissing(parent, parent) }
        return Self.open(path, owner)
    }

    /// Removes the oldest entries, once there are too many. Files with other names stay.
    func shrink() {
        guard let directory, let listing = try? directory.openDirectory(Name(".")) else { return }
        var entries = DirectoryEntries(capacity: 32768)
        var names: [Name] = []
        var hasTemporaries = false
        while (try? entries.read(from: listing)) == true {
            entries.forEach { entry in
                if Digest("sha256:" + String(decoding: entry.name.bytes, as: UTF8.self)) != nil {
                    names.append(entry.name)
                }
                if entry.name.isTemporary { hasTemporaries = true }
            }
        }
        if hasTemporaries { try? StagingArea(directory).sweep() }
        guard names.count > Self.mostEntries else { return }
        let aged = names.map { name in
            (name, (try? directory.metadata(of: name, following: false))?.modified.seconds ?? 0)
        }
        for (name, _) in aged.sorted(by: { $0.1 < $1.1 }).prefix(names.count - Self.mostEntries * 9 / 10) {
            try? directory.unlink(name)
        }
    }
}
