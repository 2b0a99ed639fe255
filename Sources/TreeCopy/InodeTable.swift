import FileTree
import SystemCalls

/// The inodes that a run may meet again, and where it put each of them: 32 bytes, a name and six bytes of index apiece.
///
/// A dictionary of places takes 170 bytes, and more while it grows. Records and names are kept in pieces that never
/// move, and the index, which does, holds numbers of four bytes.
struct InodeTable: Sendable {
    enum Whereabouts: Sendable {
        case nowhere
        case beingMade
        case made(HardLinkTable.Place)
    }

    /// Eight bytes, for a reference has room for the cases without one.
    private enum Holder: Sendable {
        case nobody, maker
        case directory(DirectoryTask)
        case root(RootTask)
    }

    private struct Record: Sendable {
        let file: FileIdentity
        var holder = Holder.nobody
        var name = NamePieces.Position()
    }

    private var records = Pieces<Record>(size: 1024)
    private var names = NamePieces()
    private var index = HashIndex()

    /// The number of the inode's record, which is added where there is none.
    mutating func number(of file: FileIdentity) -> Int {
        let hash = file.hashValue
        if let number = index.find(hash, { records[$0].file == file }) { return number }
        let number = records.append(Record(file: file))
        index.add(number, hash) { records[$0].file.hashValue }
        return number
    }

    subscript(number: Int) -> Whereabouts {
        get {
            let record = records[number]
            return switch record.holder {
            case .nobody: .nowhere
            case .maker: .beingMade
            case .directory(let task): .made(.entry(of: task, name: Name(names[record.name])))
            case .root(let root): .made(.root(root))
            }
        }
        set {
            switch newValue {
            case .nowhere: records[number].holder = .nobody
            case .beingMade: records[number].holder = .maker
            case .made(.root(let root)): records[number].holder = .root(root)
            case .made(.entry(let task, let name)):
                records[number].holder = .directory(task)
                records[number].name = names.append(name.bytes)
            }
        }
    }
}
