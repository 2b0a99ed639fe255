import SystemCalls

/// The metadata of what repot itself adds: time 1 as in a Nix store, a mode, and root's where root runs it.
/// What already holds is not set again, so that a second run changes nothing.
struct FinishingTouch: Sendable {
    let time: Timestamp
    private let owner: Ownership?
    private let caller = ProcessState.effectiveOwner

    init(owner: Ownership?, modificationTime: Int64?) {
        time = Timestamp(seconds: modificationTime ?? 1, nanoseconds: 0)
        self.owner = owner ?? (caller.user == 0 ? Ownership(user: 0, group: 0) : nil)
    }

    func apply(to file: borrowing some OpenFile & ~Copyable, mode: FileMode, _ path: Path) throws(PathError) {
        let kept: Metadata?
        do throws(Errno) {
            kept = try apply(to: file, try file.metadata(), mode: mode) ? try file.metadata() : nil
        } catch { throw .failed("cannot set owner, mode and time of", path, error) }
        if let kept { try require(kept, mode, path) }
    }

    func applyTime(to directory: Directory, _ path: Path) throws(PathError) {
        do throws(Errno) {
            if try directory.metadata().modified != time { try directory.setTimes(accessed: time, modified: time) }
        } catch { throw .failed("cannot set the time of", path, error) }
    }

    /// Completes a file or, without a mode, a symlink. Returns the entry as it was before.
    @discardableResult
    func apply(
        toEntry name: Name, in directory: Directory, mode: FileMode?, _ path: Path
    ) throws(PathError) -> Metadata {
        let (metadata, kept): (Metadata, Metadata?)
        do throws(Errno) {
            metadata = try directory.metadata(of: name, following: false)
            let entry = NamedEntry(name, in: directory, isSymlink: metadata.kind == .symlink)
            kept =
                try apply(to: entry, metadata, mode: mode ?? metadata.mode)
                ? try directory.metadata(of: name, following: false) : nil
        } catch { throw .failed("cannot set owner, mode and time of", path, error) }
        if let kept { try require(kept, mode ?? kept.mode, path) }
        return metadata
    }

    /// Returns true if the owner or the mode was set: some file systems accept that and keep their own.
    private func apply(
        to entry: borrowing some MetadataTarget & ~Copyable, _ metadata: Metadata, mode: FileMode
    ) throws(Errno) -> Bool {
        // An ordinary user leaves what belongs to others as it is.
        guard caller.user == 0 || caller.user == metadata.owner.user else { return false }
        let (hasOtherOwner, hasOtherMode) = (owner.map { $0 != metadata.owner } ?? false, mode != metadata.mode)
        if let owner, hasOtherOwner { try entry.setOwner(user: owner.user, group: owner.group) }
        if hasOtherMode { try entry.setMode(mode) }
        if time != metadata.modified { try entry.setTimes(accessed: time, modified: time) }
        return hasOtherOwner || hasOtherMode
    }

    private func require(_ kept: Metadata, _ mode: FileMode, _ path: Path) throws(PathError) {
        if kept.mode != mode {
            let (found, wanted) = (String(kept.mode.rawValue, radix: 8), String(mode.rawValue, radix: 8))
            throw PathError(
                path, "cannot set the mode of \(path.quoted): its file system keeps \(found) instead of \(wanted)")
        }
        guard let owner, owner != kept.owner else { return }
        throw PathError(
            path,
            "cannot set the owner of \(path.quoted): its file system keeps \(kept.owner.user):\(kept.owner.group) "
                + "instead of \(owner.user):\(owner.group)")
    }
}

extension FileMode {
    /// 0755.
    static let readable = FileMode(rawValue: 0o755)
}
