import Synchronization
import SystemCalls

/// Different source names that are one name at the destination: some file systems ignore case or normalise Unicode.
extension Worker {
    /// Throws EEXIST as below, for a directory.
    func refuseCollision(_ task: DirectoryTask, in parent: Directory) throws(Failure) {
        try refuseCollision(of: task.name, in: parent, task.parent, task.root, .makeDirectory)
    }

    /// Throws EEXIST if the existing entry of that name was created under another one: in a directory or at a
    /// destination that did not exist before this run, or if it is listed in another spelling.
    func refuseCollision(_ site: CopySite, _ creation: Operation) throws(Failure) {
        try refuseCollision(of: site.name, in: site.destination, site.parent, site.root, creation)
    }

    private func refuseCollision(
        of name: Name, in destination: Directory, _ parent: DirectoryTask?, _ root: RootTask, _ creation: Operation
    ) throws(Failure) {
        guard let parent else {
            if root.request.isKnownNew { throw .failed(creation, .exists, .destination) }
            return
        }
        guard let opened = parent.opened else { return }
        if opened.existing == nil || opened.names.hasOtherSpelling(of: name, in: destination) {
            throw .failed(creation, .exists, .destination)
        }
    }
}

extension FileKind {
    /// The operation that makes an entry of this kind, for messages.
    var creation: Operation {
        switch self {
        case .regular: .create
        case .directory: .makeDirectory
        case .symlink: .symlink
        case .fifo: .makeFIFO
        case .socket, .characterDevice, .blockDevice: .makeNode
        }
    }
}

/// The spelling of the names in an existing destination directory, looked up when the first of them is met.
final class ExistingNames: Sendable {
    private enum Spelling {
        case unknown
        /// Names that differ in a byte are different entries.
        case exact
        /// Names that differ can be one entry; these were listed.
        case folded(Set<Name>)
    }

    private let spelling = Mutex(Spelling.unknown)

    /// Whether the entry that is found under the name is listed under another one.
    func hasOtherSpelling(of name: Name, in directory: Directory) -> Bool {
        spelling.withLock { spelling in
            if case .unknown = spelling, let first = Self.find(name, in: directory) { spelling = first }
            guard case .folded(let names) = spelling else { return false }
            return !names.contains(name)
        }
    }

    /// Looks for the entry under its name with upper and lower case exchanged; returns nil if the name has no letters
    /// of ASCII. File systems that normalise Unicode and distinguish case are not recognised.
    private static func find(_ name: Name, in directory: Directory) -> Spelling? {
        let swapped = Name(name.bytes.map(swapCase))
        if swapped == name { return nil }
        guard let original = try? directory.metadata(of: name, following: false).identity,
            let other = try? directory.metadata(of: swapped, following: false).identity, original == other,
            let names = list(directory)
        else { return .exact }
        return .folded(names)
    }

    private static func swapCase(_ byte: UInt8) -> UInt8 {
        let isLetter = (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte | 0x20)
        return isLetter ? byte ^ 0x20 : byte
    }

    /// Returns nil if the directory cannot be listed.
    private static func list(_ directory: Directory) -> Set<Name>? {
        guard let listed = try? directory.openDirectory(Name(".")) else { return nil }
        var names: Set<Name> = []
        var entries = DirectoryEntries(capacity: 32768)
        while true {
            guard let isMore = try? entries.read(from: listed) else { return nil }
            if !isMore { return names }
            entries.forEach { names.insert($0.name) }
        }
    }
}
