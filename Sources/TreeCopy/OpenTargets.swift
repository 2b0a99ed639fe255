import SystemCalls

/// The directories that receive the roots of a run. Each is begun once, and stays open as long as it can.
///
/// With `--parents` each root may have one of its own: of those, so many are open at a time, and the one that has
/// waited longest makes room.
struct OpenTargets {
    static let most = max(1, min(64, ProcessState.descriptorLimit / 4))

    private var known: [Path: TargetDirectory] = [:]
    /// The part of the run that has used each open one last. One that the caller holds open has no descriptor of ours.
    private var lastUses: [Path: Int] = [:]
    private var part = 0

    /// What the part before has used may make room from now on.
    mutating func beginPart() { part += 1 }

    /// The target of the root, open to the end of the part.
    ///
    /// - Parameter begin: called with one that no root has had before.
    mutating func target(
        of root: CopyRoot, begin: (TargetDirectory) -> Void
    ) throws(CopyError) -> TargetDirectory {
        let path = root.directory
        if let target = known[path], !target.isParked {
            if lastUses[path] != nil { lastUses[path] = part }
            return target
        }
        if root.openDirectory == nil { makeRoom() }
        let target = try opened(root, begin)
        if root.openDirectory == nil { lastUses[path] = part }
        return target
    }

    private mutating func opened(
        _ root: CopyRoot, _ begin: (TargetDirectory) -> Void
    ) throws(CopyError) -> TargetDirectory {
        if let parked = known[root.directory] {
            do throws(Failure) { try parked.unpark() } catch { throw CopyError(error.reason, root.directory) }
            return parked
        }
        let target = try TargetDirectory(root)
        known[root.directory] = target
        begin(target)
        return target
    }

    /// No part has more targets than may be open, so that there is one that it does not use.
    private mutating func makeRoom() {
        guard lastUses.count >= Self.most, let idle = lastUses.min(by: { $0.value < $1.value }), idle.value < part
        else { return }
        known[idle.key]?.park()
        lastUses[idle.key] = nil
    }
}
