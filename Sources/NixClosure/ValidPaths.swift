import SystemCalls

/// The tables of store paths and their references. Source: Nix, `libstore/schema.sql`.
struct ValidPaths: ~Copyable {
    struct Row {
        let id: Int64
        let path: [UInt8]
        let hash: [UInt8]
        let deriver: [UInt8]?
        let size: Int64?
        var references: [[UInt8]] = []
    }

    private static let columns = "SELECT id, path, hash, deriver, narSize FROM ValidPaths"
    private let byPath: Statement
    private let byNumber: Statement
    private let references: Statement
    private let all: Statement

    init(_ database: borrowing Database) throws(Database.Failure) {
        // The compiler wants all or none assigned of what cannot be copied.
        let byPath = try database.statement("\(Self.columns) WHERE path = ?")
        let byNumber = try database.statement("\(Self.columns) WHERE id = ?")
        let references = try database.statement("SELECT reference FROM Refs WHERE referrer = ?")
        // The character after the slash ends what begins with the directory.
        let all = try database.statement("SELECT path FROM ValidPaths WHERE path >= ?1 || '/' AND path < ?1 || '0'")
        self.byPath = byPath
        self.byNumber = byNumber
        self.references = references
        self.all = all
    }

    /// The rows of these paths and of all that they refer to.
    func closure(of paths: [Path]) throws(Database.Failure) -> [Row] {
        var found: [Int64: Row] = [:]
        var below: [Int64: [Int64]] = [:]
        var pending: [Int64] = []
        for path in paths {
            guard let row = try row(of: path), found.updateValue(row, forKey: row.id) == nil else { continue }
            pending.append(row.id)
        }
        while let id = pending.popLast() {
            let numbers = try numbers(referredToBy: id)
            below[id] = numbers
            for number in numbers where found[number] == nil {
                found[number] = try row(number)
                pending.append(number)
            }
        }
        return found.values.map { row in
            var row = row
            row.references = (below[row.id] ?? []).compactMap { found[$0]?.path }
            return row
        }
    }

    /// The rows of these paths, as far as there are any.
    func rows(of paths: [Path]) throws(Database.Failure) -> [Row] {
        var rows: [Row] = []
        for path in paths {
            guard var row = try row(of: path) else { continue }
            for number in try numbers(referredToBy: row.id) { row.references.append(try self.row(number).path) }
            rows.append(row)
        }
        return rows
    }

    /// All that are below the directory.
    func paths(below directory: Path) throws(Database.Failure) -> [Path] {
        var paths: [Path] = []
        try all.bind(directory.bytes)
        while try all.step() { paths.append(Path(all.text(0) ?? [])) }
        return paths
    }

    private func row(of path: Path) throws(Database.Failure) -> Row? {
        try byPath.bind(path.bytes)
        return try byPath.step() ? Self.row(byPath) : nil
    }

    /// One that another row refers to, so that it has to be there.
    private func row(_ number: Int64) throws(Database.Failure) -> Row {
        try byNumber.bind(number)
        guard try byNumber.step() else { throw .dangling(number) }
        return Self.row(byNumber)
    }

    private func numbers(referredToBy number: Int64) throws(Database.Failure) -> [Int64] {
        var numbers: [Int64] = []
        try references.bind(number)
        while try references.step() { numbers.append(references.number(0) ?? 0) }
        return numbers
    }

    private static func row(_ statement: borrowing Statement) -> Row {
        Row(
            id: statement.number(0) ?? 0, path: statement.text(1) ?? [], hash: statement.text(2) ?? [],
            deriver: statement.text(3), size: statement.number(4))
    }
}
