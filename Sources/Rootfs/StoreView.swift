import NixClosure
import Pruning
import SystemCalls

/// What a container will see below its store: the closure without what is pruned, by the names that references use.
struct StoreView {
    /// Where symlinks have led.
    struct Place: Hashable {
        /// No symlink is on the way any more.
        let path: Path
        let kind: FileKind
        let mode: FileMode
    }

    /// As in the kernel. Source: path_resolution(7).
    private static let mostLinks = 40

    let store: Store
    /// Where an earlier run may have moved some of it.
    let moved: Store?
    let closure: Closure
    let pruning: Pruning
    /// The store in the destination, if links may lead to its store paths outside the closure.
    var existing: Store?

    /// Where a path leads in the end; nil where that is out of the store, into nothing, or round in circles. A store
    /// path that is there and does not belong to the closure is an error.
    func follow(_ path: Path) throws(PathError) -> Place? {
        var reached: [Path] = []
        var pending = Array(path.components.reversed())
        var last: Metadata?
        var links = 0
        while let name = pending.popLast() {
            if name == ".." {
                _ = reached.popLast()
                last = nil
                continue
            }
            reached.append(name)
            let here = reached.reduce(Path("/")) { $0.appending($1) }
            if store.directory.hasPrefix(here) { continue }
            guard let metadata = try inspect(here) else { return nil }
            last = metadata
            guard metadata.kind == .symlink else { continue }
            links += 1
            guard links <= Self.mostLinks else { return nil }
            let target = try readLink(here)
            if target.isAbsolute { reached = [] } else { reached.removeLast() }
            last = nil
            pending += target.components.reversed()
        }
        let here = reached.reduce(Path("/")) { $0.appending($1) }
        if last == nil { last = try inspect(here) }
        guard let metadata = last else { return nil }
        return Place(path: here, kind: metadata.kind, mode: metadata.mode)
    }

    /// The names in a directory, in byte order.
    func names(in place: Place) throws(PathError) -> [Path] {
        let physical = physical(place.path)
        var names: [Path] = []
        do throws(Errno) {
            let listing = try Directory.current.openDirectory(Name(physical), .noFollow)
            var entries = DirectoryEntries(capacity: 32768)
            while try entries.read(from: listing) { entries.forEach { names.append(Path($0.name.bytes)) } }
        } catch { throw .failed("cannot read directory", physical, error) }
        return names.filter { !isPruned(place.path.appending($0)) }.sorted()
    }

    func content(of place: Place) throws(PathError) -> [UInt8] {
        let physical = physical(place.path)
        do throws(Errno) { return try Directory.current.readInput(Name(physical)) } catch {
            throw .failed("cannot read", physical, error)
        }
    }

    func readLink(_ path: Path) throws(PathError) -> Path {
        let physical = physical(path)
        do throws(Errno) { return Path(try Directory.current.readLink(Name(physical)).bytes) } catch {
            throw .failed("cannot read symbolic link", physical, error)
        }
    }

    /// The entry itself; nil where there is none in the store.
    func inspect(_ path: Path) throws(PathError) -> Metadata? {
        guard path.hasPrefix(store.directory), !isPruned(path) else { return nil }
        guard let outside = outsideClosure(path) else { return try stat(physical(path)) }
        if let existing, let metadata = try stat(existing.physical(path)) { return metadata }
        if try stat(store.physical(path)) == nil { return nil }
        throw PathError(outside, "\(outside.quoted) does not belong to the closure; pass it as a ROOT")
    }

    /// The store path of an entry, if it does not belong to the closure.
    private func outsideClosure(_ path: Path) -> Path? {
        split(path).flatMap { storePath, _ in closure.contains(storePath) ? nil : store.path(of: storePath) }
    }

    private func stat(_ physical: Path) throws(PathError) -> Metadata? {
        do throws(Errno) { return try Directory.current.metadata(of: Name(physical), following: false) } catch {
            if error == .notFound || error == .notDirectory { return nil }
            throw .failed("cannot stat", physical, error)
        }
    }

    /// The location of an entry.
    func physical(_ path: Path) -> Path {
        if let existing, outsideClosure(path) != nil { return existing.physical(path) }
        guard moved != nil, let (storePath, rest) = split(path) else { return store.physical(path) }
        return rest.components.reduce(store.physicalPath(of: storePath, orIn: moved)) { $0.appending($1) }
    }

    func isPruned(_ path: Path) -> Bool {
        guard let (storePath, rest) = split(path) else { return false }
        return pruning.isPruned(rest, of: storePath)
    }

    /// The store path and the way from there; nil for what is in none.
    func split(_ path: Path) -> (StorePath, Path)? {
        let names = path.components.dropFirst(store.directory.components.count)
        guard path.hasPrefix(store.directory), let first = names.first, let storePath = StorePath(baseName: first)
        else { return nil }
        return (storePath, names.dropFirst().reduce(Path([])) { $0.appending($1) })
    }
}
