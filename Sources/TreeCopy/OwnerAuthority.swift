import Synchronization
import SystemCalls

/// Whom the caller may give files to. An ordinary user's refusal is learnt once, so that no chown(2) fails
/// twice for the same reason.
final class OwnerAuthority: Sendable {
    let caller: Ownership
    private let groups: [UInt32]
    private let isRefused = Atomic<Bool>(false)

    init() {
        caller = ProcessState.effectiveOwner
        // Root needs no membership.
        groups = caller.user == 0 ? [] : ProcessState.groups
    }

    private var isPrivileged: Bool { caller.user == 0 }

    /// Whether asking for the owner is worth a system call.
    func mayAttain(_ wanted: Ownership, from current: Ownership) -> Bool {
        if wanted == current || !isRefused.load(ordering: .relaxed) { return true }
        // A refusal is about other users: one's own files may go to any of one's groups.
        return wanted.user == current.user && groups.contains(wanted.group)
    }

    /// Sets the owner by `change`, of which as much as the caller may. False when it is not the wanted one
    /// in the end, which an ordinary user has to accept, as with `cp -a`. Source: chown(2).
    func set(
        _ wanted: Ownership, from current: Ownership, _ change: (UInt32?, UInt32?) throws(Errno) -> Void
    ) throws(Errno) -> Bool {
        if wanted == current { return true }
        if mayAttain(wanted, from: current) {
            do throws(Errno) {
                try change(wanted.user, wanted.group)
                return true
            } catch {
                guard !isPrivileged, error == .notPermitted || error == .invalid else { throw error }
                if wanted.user != current.user { isRefused.store(true, ordering: .relaxed) }
            }
        }
        if wanted.group != current.group, groups.contains(wanted.group) {
            // The group can still be one that this mount or user namespace does not know.
            do throws(Errno) { try change(nil, wanted.group) } catch {
                guard !isPrivileged, error == .notPermitted || error == .invalid else { throw error }
            }
        }
        return false
    }

    /// Whether an attribute cannot be set because it takes a privilege that an ordinary user lacks: it is skipped, as
    /// with `cp -a`.
    func isRefused(_ name: AttributeName, _ errno: Errno) -> Bool {
        !isPrivileged && errno == .notPermitted && name.needsPrivilege
    }
}
