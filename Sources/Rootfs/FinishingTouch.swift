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
        do throws(Errno) {
            try apply(to: file, try file.metadata(), mode: mode)
        } catch { throw .failed("cannot set owner, mode and time of", path, error) }
    }

    func applyTime(to directory: Directory, _ path: Path) throws(PathError) {
        do throws(Errno) {
            if try directory.metadata().modified != time { try directory.setTimes(accessed: time, modified: time) }
        } catch { throw .failed("cannot set the time of", path, error) }
    }

    /// What has no mode of its own, or has it already.
    func apply(toEntry name: Name, in directory: Directory, _ path: Path) throws(PathError) {
        do throws(Errno) {
            let metadata = try directory.metadata(of: name, following: false)
            let entry = NamedEntry(name, in: directory, isSymlink: metadata.kind == .symlink)
            try apply(to: entry, metadata, mode: metadata.mode)
        } catch { throw .failed("cannot set owner and time of", path, error) }
    }

    private func apply(
        to entry: borrowing some MetadataTarget & ~Copyable, _ metadata: Metadata, mode: FileMode
    ) throws(Errno) {
        // An ordinary user leaves what belongs to others as it is.
        guard caller.user == 0 || caller.user == metadata.owner.user else { return }
        if let owner, owner != metadata.owner { try entry.setOwner(user: owner.user, group: owner.group) }
        if mode != metadata.mode { try entry.setMode(mode) }
        if time != metadata.modified { try entry.setTimes(accessed: time, modified: time) }
    }
}

extension FileMode {
    /// 0755.
    static let readable = FileMode(rawValue: 0o755)
}
