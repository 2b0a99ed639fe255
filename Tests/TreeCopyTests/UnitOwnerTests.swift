import Glibc
import Synchronization
import SystemCalls
import TestSupport
import Testing

@testable import TreeCopy

/// Who may give files to whom, and what is learnt from a refusal.
@Suite(.serialized) struct UnitOwnerTests {
    private static let mine = Ownership(user: 65534, group: 65534)
    private static let theirs = Ownership(user: 5, group: 6)

    private struct Call: Equatable {
        let user: UInt32?
        let group: UInt32?
    }

    /// As an ordinary user, where this process may become one.
    private func asOrdinary(_ body: (OwnerAuthority) throws -> Void) throws {
        guard OrdinaryUser.isRoot else { return }
        setegid(65534)
        seteuid(65534)
        defer {
            seteuid(0)
            setegid(0)
        }
        try body(OwnerAuthority())
    }

    @Test func nothingIsAskedWhereNothingDiffers() throws {
        let kept = try OwnerAuthority().set(Self.mine, from: Self.mine) { _, _ in Issue.record("asked") }
        #expect(kept)
    }

    @Test func anOrdinaryUsersRefusalIsLearntOnce() throws {
        try asOrdinary { authority in
            #expect(authority.caller == Self.mine)
            var calls: [Call] = []
            for _ in 0..<3 {
                let kept = try authority.set(Self.theirs, from: Self.mine) { (user, group) throws(Errno) in
                    calls.append(Call(user: user, group: group))
                    throw .notPermitted
                }
                #expect(!kept)
            }
            #expect(calls == [Call(user: 5, group: 6)])
            #expect(!authority.mayAttain(Self.theirs, from: Self.mine))
            #expect(authority.mayAttain(Self.mine, from: Self.mine))
        }
    }

    /// The group alone is set where the caller is in it.
    @Test func theGroupIsSetWhereItMay() throws {
        try asOrdinary { authority in
            var calls: [Call] = []
            let wanted = Ownership(user: 5, group: 65534)
            let kept = try authority.set(wanted, from: Ownership(user: 65534, group: 7)) {
                (user, group) throws(Errno) in
                calls.append(Call(user: user, group: group))
                if user != nil { throw .notPermitted }
            }
            #expect(!kept)
            #expect(calls == [Call(user: 5, group: 65534), Call(user: nil, group: 65534)])
        }
    }

    /// A refusal is about other users: the caller's own files keep their groups, and with them their set-id bits.
    @Test func oneOfOnesGroupsIsKeptAfterARefusal() throws {
        try asOrdinary { authority in
            _ = try authority.set(Self.theirs, from: Self.mine) { (_, _) throws(Errno) in throw .notPermitted }
            let before = Ownership(user: 65534, group: 7)
            #expect(authority.mayAttain(Self.mine, from: before))
            #expect(try authority.set(Self.mine, from: before) { _, _ in })
        }
    }

    /// A foreign group is no reason to give up on owners: the next file may have one of ours.
    @Test func aForeignGroupTeachesNothing() throws {
        try asOrdinary { authority in
            let wanted = Ownership(user: 65534, group: 7)
            let kept = try authority.set(wanted, from: Self.mine) { (_, _) throws(Errno) in throw .notPermitted }
            #expect(!kept)
            #expect(authority.mayAttain(wanted, from: Self.mine))
        }
    }

    @Test(arguments: [Errno.inputOutput, .readOnly]) func faultsAreThrown(_ errno: Errno) throws {
        #expect(throws: errno) {
            try OwnerAuthority().set(Self.theirs, from: Self.mine) { (_, _) throws(Errno) in throw errno }
        }
    }

    @Test func rootsRefusalIsAnError() throws {
        guard OrdinaryUser.isRoot else { return }
        #expect(throws: Errno.notPermitted) {
            try OwnerAuthority().set(Self.theirs, from: Self.mine) { (_, _) throws(Errno) in throw .notPermitted }
        }
    }
}
