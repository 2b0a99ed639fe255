import SystemCalls

/// The directories that receive the roots of a run. Each is begun once, and stays open as long as it can.
///
/// With `--parents` each root may have one of its own: of those, so many are open at a time, and the one that has
/// waited longest makes room.
struct OpenTargets {
    static let most = max(1, min(64, ProcessState.descriptorLimit / 4))

    private struct Entry {
        let target: TargetDirectory
        /// The last part of the run that has used the target; nil while it is closed, and for one that the caller holds open.
        var lastUse: Int?
    }

    /// The first target, outside of the dictionary, since most runs have no other.
    private var first: Entry?
    private var others: [Path: Entry] = [:]
    private var part = 0

    private subscript(path: Path) -> Entry? {
        get { first?.target.path == path ? first : others.isEmpty ? nil : others[path] }
        set {
            if first == nil || first?.target.path == path { first = newValue } else { others[path] = newValue }
        }
    }

    /// Targets that only the part before has used may make room from now on.
    mutating func beginPart() { part += 1 }

    /// The target of the root, open to the end of the part.
    ///
    /// - Parameter begin: called with one that no root has had before.
    mutating func target(
        of root: CopyRoot, begin: (TargetDirectory) -> Void
    ) throws(CopyError) -> TargetDirectory {
        let path = root.directory
        if let entry = self[path], !entry.target.isParked {
            if entry.lastUse != nil { self[path] = Entry(target: entry.target, lastUse: part) }
            return entry.target
        }
        if root.openDirectory == nil { makeRoom() }
        let target = try opened(root, begin)
        self[path] = Entry(target: target, lastUse: root.openDirectory == nil ? part : nil)
        return target
    }

    private func opened(
        _ root: CopyRoot, _ begin: (TargetDirectory) -> Void
    ) throws(CopyError) -> TargetDirectory {
        if let parked = self[root.directory]?.target {
            do throws(Failure) { try parked.unpark() } catch { throw CopyError(error.reason, root.directory) }
            return parked
        }
        let target = try TargetDirectory(root)
        begin(target)
        return target
    }

    /// No part has more targets than may be open, so that there is one that it does not use.
    private mutating func makeRoom() {
        if others.count < Self.most - 1 { return }
        let (open, part) = ((first.map { [$0] } ?? []) + others.values.filter { $0.lastUse != nil }, part)
        guard open.count >= Self.most, let idle = open.min(by: { $0.lastUse ?? part < $1.lastUse ?? part }),
            let lastUse = idle.lastUse, lastUse < part
        else { return }
        idle.target.park()
        self[idle.target.path] = Entry(target: idle.target, lastUse: nil)
    }
}
