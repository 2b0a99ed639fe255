import NixClosure
import SystemCalls

/// Says where symlinks of a store lead. The kernel cannot: a link to `/nix/store` in a root file system means that of
/// the root file system.
struct StoreLinks: Sendable {
    enum End: Equatable {
        /// To something that is there.
        case something
        /// Out of the store, where only the container knows what there will be.
        case outside
        /// To nothing, in this entry of the store's directory.
        case nothing(in: Path)
    }

    /// As in the kernel. Source: path_resolution(7).
    private static let mostLinks = 40

    private let store: Store
    private let moved: Store?
    private let top: [Path]

    /// Of a store some of which may have been moved to another.
    init(_ store: Store, movedTo moved: Store? = nil) {
        self.store = store
        self.moved = moved
        top = store.directory.components
    }

    /// Where a target leads, from the directory that holds the link, given by its names from the store's directory. A
    /// symlink at the end counts as something: it has its own turn.
    func end(of target: Path, from directory: [Path]) throws(Errno) -> End {
        var here = target.isAbsolute ? [] : top + directory
        var pending = Array(target.components.reversed())
        var links = 0
        while let name = pending.popLast() {
            if name == ".." {
                here = here.dropLast()
                continue
            }
            here.append(name)
            guard here.count > top.count, here.starts(with: top) else {
                if top.starts(with: here) { continue }
                return .outside
            }
            guard let kind = try kind(of: here) else { return .nothing(in: here[top.count]) }
            guard kind == .symlink, !pending.isEmpty else { continue }
            links += 1
            // The builder's own knot: it leads nowhere, and so not out of the closure.
            if links > Self.mostLinks { return .something }
            let next = Path(try Directory.current.readLink(Name(physical(here))).bytes)
            here = next.isAbsolute ? [] : here.dropLast()
            pending += next.components.reversed()
        }
        return .something
    }

    private func physical(_ logical: [Path]) -> Path {
        let names = logical.dropFirst(top.count)
        guard moved != nil, let first = names.first, let storePath = StorePath(baseName: first) else {
            return names.reduce(store.physicalDirectory) { $0.appending($1) }
        }
        return names.dropFirst().reduce(store.physicalPath(of: storePath, orIn: moved)) { $0.appending($1) }
    }

    /// nil where nothing is.
    private func kind(of logical: [Path]) throws(Errno) -> FileKind? {
        do throws(Errno) {
            return try Directory.current.metadata(of: Name(physical(logical)), following: false).kind
        } catch {
            // No entry has a name that is too long: such links hold a text rather than a path.
            if [.notFound, .notDirectory, .nameTooLong].contains(error) { return nil }
            throw error
        }
    }
}
