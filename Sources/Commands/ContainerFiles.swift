import Image
import NixClosure
import Pruning
import Rootfs
import SystemCalls

/// The files that a container of an image sees: additions, the closure and the base image.
struct ContainerFiles {
    /// A file at the end of a path.
    enum File {
        case regular(isExecutable: Bool, content: () throws -> [UInt8]?)
        case directory
        case absent
        /// A file that depends on the machine that runs the image, or on a layer that is not read.
        case unknown
    }

    /// An entry at a path without symlinks.
    private enum Entry {
        case file(File)
        case symlink(Path)
    }

    /// The maximum number of symlinks in a path, as in the kernel. Source: path_resolution(7).
    private static let maxLinks = 40
    /// The file systems and files that a container engine provides. Source: OCI runtime specification, config-linux.md,
    /// 'Default Filesystems'.
    private static let provided: Set<Path> = ["dev", "proc", "sys"]

    private let contents: RootfsContents
    private let store: [Path]
    private let additions: [Path: RootfsEntry.Content]
    /// Reads the base image; nil without a base.
    private let readBase: (() throws -> BaseFiles)?
    private var base: BaseFiles?

    init(_ contents: RootfsContents, readBase: (() throws -> BaseFiles)?) {
        self.contents = contents
        self.readBase = readBase
        store = contents.storeDirectory.components
        additions = Dictionary(contents.entries.map { ($0.path, $0.content) }) { $1 }
    }

    /// Whether one of the additions has the path.
    func isAdded(_ path: Path) -> Bool { additions[path] != nil }

    /// Resolves an absolute path, or one relative to a directory, inside the image.
    mutating func resolve(_ path: Path, in directory: Path = "/") throws -> File {
        var pending = Array((path.isAbsolute ? path : directory.appending(path)).components.reversed())
        var reached: [Path] = []
        var links = 0
        while let name = pending.popLast() {
            if name == ".." {
                _ = reached.popLast()
                continue
            }
            reached.append(name)
            switch try entry(at: reached) {
            case .symlink(let target):
                links += 1
                if links > Self.maxLinks { return .absent }
                if target.isAbsolute { reached = [] } else { reached.removeLast() }
                pending += target.components.reversed()
            case .file(.directory): continue
            case .file(.unknown): return .unknown
            case .file(let file): return pending.isEmpty ? file : .absent
            }
        }
        return .directory
    }

    private mutating func entry(at components: [Path]) throws -> Entry {
        if Self.provided.contains(components[0]) { return .file(.unknown) }
        switch additions[Path(joining: components)] {
        case .directory: return .file(.directory)
        case .symlink(let target): return .symlink(target)
        case .file(let bytes, let mode):
            return .file(.regular(isExecutable: mode & 0o111 != 0) { bytes })
        case nil: break
        }
        if store.starts(with: components) { return .file(.directory) }
        guard components.count > store.count, components.starts(with: store),
            let path = StorePath(baseName: components[store.count])
        else { return try baseEntry(at: components) }
        if contents.closure.contains(path) { return storeEntry(path, Array(components.dropFirst(store.count + 1))) }
        let entry = try baseEntry(at: components)
        return base?.listed.contains(path) == true ? .file(.unknown) : entry
    }

    private func storeEntry(_ path: StorePath, _ rest: [Path]) -> Entry {
        let physical = rest.reduce(contents.store.physicalPath(of: path)) { $0.appending($1) }
        guard !contents.pruning.isPruned(Path(joining: rest), of: path) else { return .file(.absent) }
        do throws(Errno) {
            let metadata = try Directory.current.metadata(of: Name(physical), following: false)
            switch metadata.kind {
            case .directory: return .file(.directory)
            case .symlink: return .symlink(Path(try Directory.current.readLink(Name(physical)).bytes))
            // Layers have the modes of a store.
            case .regular:
                return .file(
                    .regular(isExecutable: metadata.mode.contains(.ownerExecute)) {
                        try Directory.current.readInput(Name(physical))
                    })
            default: return .file(.unknown)
            }
        } catch { return .file(error == .notFound ? .absent : .unknown) }
    }

    private mutating func baseEntry(at components: [Path]) throws -> Entry {
        if base == nil { base = try readBase?() }
        switch base?.entry(at: components) {
        case nil: return .file(.absent)
        case .directory: return .file(.directory)
        case .symlink(let target): return .symlink(target)
        case .file(let mode, let content):
            return .file(.regular(isExecutable: mode.rawValue & 0o111 != 0) { content })
        case .other: return .file(.unknown)
        }
    }
}
