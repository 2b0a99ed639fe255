package import SystemCalls

extension Directory {
    /// Renames, into another directory where one is given, without replacing anything. Where the file system does not
    /// know RENAME_NOREPLACE, a look comes first; what appears between the two is replaced only if it is an empty
    /// directory or a file.
    package func renameToNew(_ name: Name, _ newName: Name, in other: Directory? = nil) throws(Errno) {
        do throws(Errno) { return try rename(name, toNew: newName, in: other) } catch {
            guard error == .invalid || error == .notImplemented else { throw error }
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
