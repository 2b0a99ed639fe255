import FileTree
import NixClosure
import SystemCalls
import TreeCopy

extension EntryWriter {
    /// Replaces symlinks to directories in the store by directories of symlinks.
    func expandLinks(_ report: inout CopyReport) {
        for expansion in plan.expansions {
            do throws(PathError) { try expand(expansion, &report) } catch { report.add(error) }
        }
    }

    /// Creates the directory under a temporary name and exchanges it with the symlink, so that the entries to which the
    /// symlink leads exist at all times.
    private func expand(_ expansion: LinkExpansion, _ report: inout CopyReport) throws(PathError) {
        let parent = try scaffold.directory(expansion.path.parent)
        let name = Name(expansion.path.lastComponent)
        let staging = StagingArea(parent)
        let temporary: Name
        do throws(Errno) { temporary = try staging.temporaryName() } catch { throw failure(expansion.path, error) }
        var made = temporary
        // Whether `made` is the new directory or the replaced symlink, and not an entry of another run.
        var isOwn = true
        do throws(PathError) {
            let count = try make(expansion, as: temporary, in: parent)
            let replaced: FileKind
            do throws(Errno) {
                made = try staging.replace(name, by: temporary)
                isOwn = false
                replaced = try parent.metadata(of: made, following: false).kind
                if replaced == .symlink {
                    isOwn = true
                    try parent.unlink(made)
                    try staging.close()
                } else {
                    made = try staging.replace(name, by: made)
                    isOwn = true
                }
            } catch { throw failure(expansion.path, error) }
            guard replaced == .symlink else { throw changed(expansion.path) }
            report.counts.symlinks += count
        } catch {
            // The failure is reported. If the temporary name cannot be removed either, a later run removes it.
            if isOwn {
                var removal = TreeRemoval()
                try? removal.remove(made, in: parent)
            }
            try? staging.close()
            throw error
        }
    }

    /// Returns the number of symlinks.
    private func make(
        _ expansion: LinkExpansion, as temporary: Name, in parent: Directory
    ) throws(PathError) -> Int {
        var open = [(path: expansion.path, directory: try makeDirectory(temporary, in: parent, expansion.path))]
        var count = 0
        for entry in expansion.entries {
            while let last = open.last, last.path != entry.path.parent {
                try finish(last.directory, last.path)
                open.removeLast()
            }
            guard let directory = open.last?.directory else { break }
            let name = Name(entry.path.lastComponent)
            switch entry.content {
            case .directory: open.append((entry.path, try makeDirectory(name, in: directory, entry.path)))
            case .symlink(let target):
                guard try hasTarget(target) else { continue }
                do throws(Errno) { try directory.symlink(name, to: Name(target)) } catch {
                    throw failure(entry.path, error)
                }
                count += 1
            case .file(let bytes, let mode):
                do throws(Errno) { try fill(name, bytes, FileMode(rawValue: mode), in: directory) } catch {
                    throw failure(entry.path, error)
                }
            }
            if !entry.isDirectory {
                try touch.apply(toEntry: name, in: directory, mode: entry.mode, scaffold.place(entry.path))
            }
        }
        for last in open.reversed() { try finish(last.directory, last.path) }
        return count
    }

    private func makeDirectory(_ name: Name, in parent: Directory, _ path: Path) throws(PathError) -> Directory {
        do throws(Errno) {
            try parent.makeDirectory(name, .readable)
            let directory = try parent.openDirectory(name, .noFollow)
            try directory.removeInheritedAccessLists()
            return directory
        } catch { throw failure(path, error) }
    }

    private func finish(_ directory: Directory, _ path: Path) throws(PathError) {
        try touch.apply(to: directory, mode: .readable, scaffold.place(path))
    }

    private func changed(_ path: Path) -> PathError {
        PathError(path, "another run has changed \(scaffold.place(path).quoted); run the same command again")
    }

    private func failure(_ path: Path, _ error: Errno) -> PathError {
        .failed("cannot make a directory of the symlink", scaffold.place(path), error)
    }
}
