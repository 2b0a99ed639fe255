import Synchronization
import SystemCalls

/// What is known of one strategy between two volumes: untried, works, or refused for this reason.
///
/// What a file meets may be about that file alone: an immutable one, one mounted there, one without copy on write.
/// So a refusal holds for others only where it is proven to, or where so many have met it and none got through.
final class StrategyRung: Sendable {
    enum State: Equatable { case untried, works, refused(Errno) }

    /// So many failed calls take about a millisecond.
    static let doubtsToBelieve = 1000

    private let value = Atomic<Int>(0)
    private let doubts = Atomic<Int>(0)
    /// The least number that single files were refused with, whichever was first.
    private let exception = Atomic<Int>(.max)

    var state: State {
        switch value.load(ordering: .relaxed) {
        case 0: .untried
        case 1: .works
        case let number: .refused(Errno(rawValue: Int32(number - 2)))
        }
    }

    /// The same for people: where single files were refused and none got through, that is the answer.
    var outcome: State {
        let number = exception.load(ordering: .relaxed)
        guard state == .untried, number < .max else { return state }
        return .refused(Errno(rawValue: Int32(number)))
    }

    /// True once another worker's success is known, too; a late success never hides a refusal.
    func noteSuccess() {
        guard value.load(ordering: .relaxed) == 0 else { return }
        _ = value.compareExchange(expected: 0, desired: 1, ordering: .relaxed)
    }

    /// Holds for all unless something has worked. Two workers may both meet the first refusal; either's reason will do.
    func noteRefusal(_ errno: Errno) {
        _ = value.compareExchange(expected: 0, desired: Int(errno.rawValue) + 2, ordering: .relaxed)
    }

    /// For refusals that hold whatever worked before.
    func refuse(_ errno: Errno) { value.store(Int(errno.rawValue) + 2, ordering: .relaxed) }

    /// This file was refused, and that says nothing of others.
    func noteException(_ errno: Errno) { exception.min(Int(errno.rawValue), ordering: .relaxed) }

    /// This file was refused, and whether others will be is open.
    func noteDoubt(_ errno: Errno) {
        noteException(errno)
        if doubts.add(1, ordering: .relaxed).newValue >= Self.doubtsToBelieve { noteRefusal(errno) }
    }

    var isOpen: Bool { value.load(ordering: .relaxed) < 2 }

    private let isReported = Atomic<Bool>(false)

    /// Whether a refusal that holds for all files was reported before; true from the second call on.
    var wasReported: Bool { !isOpen && isReported.exchange(true, ordering: .relaxed) }
}

/// Owners whose files the kernel does not let the caller link to: fs.protected_hardlinks. Source: proc(5).
final class ProtectedOwners: Sendable {
    private let isEmpty = Atomic<Bool>(true)
    private let users = Mutex<Set<UInt32>>([])

    /// Whether it is worth a look whose a file is.
    var isAny: Bool { !isEmpty.load(ordering: .relaxed) }

    /// A refusal speaks for all files of that owner that nobody else may write to, if it was one of these.
    func noteRefusal(_ file: Metadata) {
        guard file.kind == .regular, !file.isSetID, !file.mayBeWrittenByOthers else { return }
        _ = users.withLock { $0.insert(file.owner.user) }
        isEmpty.store(false, ordering: .relaxed)
    }

    /// What others may write to, the caller may link to. Source: may_linkat() in fs/namei.c of Linux.
    func refuses(_ file: Metadata) -> Bool {
        guard isAny, file.kind != .regular || file.isSetID || !file.mayBeWrittenByOthers else { return false }
        return users.withLock { $0.contains(file.owner.user) }
    }
}

extension Metadata {
    fileprivate var isSetID: Bool { !mode.isDisjoint(with: [.setUser, .setGroup]) }

    /// By mode: an ACL's mask lies in the group's bits. Source: acl(5).
    fileprivate var mayBeWrittenByOthers: Bool { !mode.isDisjoint(with: FileMode(rawValue: 0o022)) }
}
