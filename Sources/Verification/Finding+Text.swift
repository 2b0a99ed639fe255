import Nar
public import NixClosure
import SystemCalls

extension Finding {
    /// A whole sentence, with the remedy.
    ///
    /// - Parameters:
    ///   - store: whose names are shown.
    ///   - listing: how many files are named; the others are counted.
    ///   - isRepairable: whether `verify --repair` may write to the root file system; false for a running container.
    public func text(in store: Store, listing: Int = 1, isRepairable: Bool = true) -> String {
        let remedy = isDamage && !isRepairable ? "start a new container from the image" : remedy
        return "\(subject(in: store, listing)) \(what(in: store)): \(remedy)"
    }

    private func subject(in store: Store, _ listing: Int) -> String {
        if case .count = problem { return "'\(store.directory)'" }
        let path = store.directory.appending(entry)
        guard let first = files.first else { return path.quoted }
        if files.count == 1 { return path.inside(first).quoted }
        let shown = files.prefix(max(1, listing)).map { ($0.bytes.isEmpty ? "." : $0).quoted }
        let rest = files.count > shown.count ? " and \(files.count - shown.count) more" : ""
        return "in \(path.quoted), each of \(shown.joined(separator: ", "))\(rest)"
    }

    private func what(in store: Store) -> String {
        switch problem {
        case .missing: "is missing"
        case .unknown(isListed: false): "belongs to nothing that is expected"
        case .unknown(isListed: true): "is not expected, and the Nix database of the root file system lists it"
        case .leftover: "is what a killed run left, or another run is at work"
        case .unreadable(let error): "cannot be verified: \(error)"
        case .content(let found, let expected):
            files.isEmpty ? "is altered: its hash is \(found.hash) instead of \(expected)" : "is altered"
        case .size(let found, let expected): "has \(found) bytes as an archive instead of \(expected)"
        case .mode(let found, let expected): "has mode \(Self.octal(found)) instead of \(Self.octal(expected))"
        case .time(let expected): "has a modification time other than \(expected)"
        case .owner(let found, let expected):
            "belongs to \(found.user):\(found.group) instead of \(expected.user):\(expected.group)"
        case .attribute(let name): "has the extended attribute \(name.quoted), which no store path has"
        case .leadsToNothing(let target): "leads to \(target.quoted), which is not there"
        case .namesAbsent(let path), .mentionsAbsent(let path): "names '\(store.path(of: path))', which is absent"
        case .refersToAbsent(let path): "refers to '\(store.path(of: path))', which does not belong to the closure"
        case .malformedRow(let text):
            "is a row of the root file system's Nix database with \(text.quoted), which is not a store path"
        case .count(let found, let told): "has \(found) store paths of the closure, and its source told of \(told)"
        }
    }

    /// What can be done.
    public var remedy: String {
        switch problem {
        case .missing, .content, .size, .mode, .time, .owner, .attribute: "--repair takes it anew from the store"
        case .unreadable: "make it readable, or replace it with --repair"
        case .unknown(isListed: true): "name the closure that it belongs to with --closure"
        case .unknown(isListed: false): "remove it, or name the closure that it belongs to with --closure"
        case .leftover: "--repair and the next stage remove it"
        case .leadsToNothing, .namesAbsent, .refersToAbsent: "add what is absent as a root, or leave this out"
        case .mentionsAbsent: "nothing has to be done unless a program needs it"
        case .malformedRow: "correct the row, or say with --closure FILE which store paths are expected"
        case .count: "ask another source, with --closure-from"
        }
    }

    private static func octal(_ mode: UInt32) -> String {
        let digits = String(mode, radix: 8)
        return String(repeating: "0", count: max(0, 4 - digits.count)) + digits
    }
}

extension Path {
    /// Something in it, by its path from here; empty for itself.
    func inside(_ path: Path) -> Path { path.bytes.isEmpty ? self : appending(path) }
}
