import Dispatch
import Synchronization
import SystemCalls

/// Files that are being written into where something was there: two names of one inode at the destination, or a symlink
/// and what it leads to, must not be filled by two workers at once.
final class WriteClaims: Sendable {
    private let claimed = Mutex<[FileIdentity: DispatchGroup]>([:])

    /// Waits until nobody else writes into the file. Who has a claim asks for no other, so nobody waits in a circle.
    func claim(_ file: FileIdentity) -> WriteClaim {
        while let other = take(file) { other.wait() }
        return WriteClaim(self, file)
    }

    /// Whom to wait for; nil when the file is the caller's.
    private func take(_ file: FileIdentity) -> DispatchGroup? {
        claimed.withLock { claimed in
            if let other = claimed[file] { return other }
            let mine = DispatchGroup()
            mine.enter()
            claimed[file] = mine
            return nil
        }
    }

    fileprivate func release(_ file: FileIdentity) { claimed.withLock { $0.removeValue(forKey: file) }?.leave() }
}

/// The right to write into a file, until it goes away.
final class WriteClaim: Sendable {
    private let claims: WriteClaims
    private let file: FileIdentity

    fileprivate init(_ claims: WriteClaims, _ file: FileIdentity) {
        self.claims = claims
        self.file = file
    }

    deinit { claims.release(file) }
}
