package import SystemCalls

extension Directory {
    /// Renames, into another directory if one is given, without replacing anything. Where RENAME_NOREPLACE is refused, a
    /// stat comes first; an entry that appears between the two is replaced only if it is an empty directory or a file.
    package func renameToNew(_ name: Name, _ newName: Name, in other: Directory? = nil) throws(Errno) {
        do throws(Errno) { return try rename(name, toNew: newName, in: other) } catch {
            // Any other error can come from a filter of system calls; renameat(2) then has the right reason.
            if error.isFatal || [.exists, .notFound, .crossesMount].contains(error) { throw error }
        }
        do throws(Errno) { _ = try (other ?? self).metadata(of: newName, following: false) } catch {
            guard error == .notFound else { throw error }
            do throws(Errno) { return try rename(name, over: newName, in: other) } catch {
                throw error == .notEmpty ? .exists : error
            }
        }
        throw .exists
    }
}
