import References
public import SystemCalls

/// The reason why a closure cannot be determined.
public struct ClosureError: Error, Hashable, Sendable, CustomStringConvertible {
    /// A sentence with the remedy.
    public let description: String
    /// The path that the error concerns.
    public let path: Path
    /// The error number if a system call failed.
    public let errno: Errno?

    private let kind: Kind

    private enum Kind: Sendable { case other, final, outside }

    /// Whether no other source can give a better answer.
    var isFinal: Bool { kind == .final }

    /// Whether the path that the user named is not in the store.
    package var isOutside: Bool { kind == .outside }

    private init(_ path: Path, _ description: String, _ kind: Kind) {
        self.path = path
        self.description = description
        errno = nil
        self.kind = kind
    }

    init(_ path: Path, _ description: String, _ errno: Errno? = nil) {
        kind = .other
        self.path = path
        self.description = description
        self.errno = errno
    }

    /// A file that cannot be read.
    public static func unreadable(_ path: Path, _ errno: Errno) -> ClosureError { .failed("cannot read", path, errno) }

    static func failed(_ doing: String, _ path: Path, _ errno: Errno) -> ClosureError {
        ClosureError(path, "\(doing) \(path.quoted): \(errno.message)", errno)
    }

    static func outside(_ path: Path, _ store: Store) -> ClosureError {
        ClosureError(
            path,
            "\(path.quoted) is not in the store \(store.directory): name a store path, or a link to one such as ./result",
            .outside)
    }

    static func invalid(_ path: Path) -> ClosureError {
        ClosureError(path, "\(path.quoted) is not a store path (expected HASH-NAME with a 32-character hash)")
    }

    /// The error for an entry of the store's directory that Nix itself created, such as a lock.
    static func workingFile(_ path: Path, in document: Path? = nil) -> ClosureError {
        let prefix = document.map { "\($0): " } ?? ""
        return ClosureError(path, "\(prefix)\(path.quoted) is a working file of Nix, not a store path; leave it out")
    }

    static func missing(_ path: Path, _ store: Store) -> ClosureError {
        ClosureError(
            path,
            "\(path.quoted) does not exist in \(store.physicalDirectory): build it, or fetch it with nix-store --realise",
            nil)
    }

    static func invalidPath(_ path: Path, _ database: Path) -> ClosureError {
        ClosureError(
            path,
            "\(path.quoted) is not valid: it is not in the Nix database \(database.quoted); build it, or use "
                + "--closure-from nix, which also finds store paths in a lower store, or --closure-from scan",
            .final)
    }

    static func unscanned(_ error: PathError) -> ClosureError {
        let remedy = "all files are read to find references; run repot as a user who can read it"
        let mayHelp = error.errno == .accessDenied || error.errno == .notPermitted
        return ClosureError(error.path, mayHelp ? "\(error): \(remedy)" : "\(error)", error.errno)
    }

    /// The error for a source whose records do not match the store paths that it named.
    static func incomplete(_ source: SourceChoice, named: Int, described: Int) -> ClosureError {
        ClosureError(
            Path(source.rawValue),
            "\(source.rawValue) named \(named) store paths and described \(described): use another --closure-from")
    }

    static func unknown(_ path: Path) -> ClosureError {
        ClosureError(
            path,
            "\(path.quoted) belongs to the closure, but its references are unknown: the list is not complete")
    }

    /// The error for a file that should be a registration and is not.
    package static func noRegistration(_ file: Path) -> ClosureError {
        ClosureError(file, "\(file.quoted) is not a registration; pass the expected closure with --closure FILE")
    }

    /// The error for a root that no document has.
    static func notRecorded(_ path: Path, in documents: [Path]) -> ClosureError {
        ClosureError(path, "\(path.quoted) is not in \(list(documents)): leave it out, or write the document with it")
    }

    /// The error for records of a path with different hashes or sizes.
    static func contradiction(_ path: Path, in documents: [Path]) -> ClosureError {
        ClosureError(
            path, "\(path.quoted) has two hashes or sizes in \(list(documents)): leave the wrong record out")
    }

    /// The error for a reference to a store path that no document has.
    static func open(_ path: Path, reference: Path, _ documents: [Path]) -> ClosureError {
        ClosureError(
            path,
            "\(path.quoted) refers to \(reference.quoted), which is not in \(list(documents)): write the document of "
                + "the complete closure, as 'nix path-info --json --recursive' or 'nix-store --dump-db $(nix-store "
                + "-qR ROOT)' does")
    }

    private static func list(_ documents: [Path]) -> String {
        documents.map(\.description).joined(separator: ", ")
    }

    /// The error for a package name that several store paths of the closure have.
    package static func ambiguous(_ name: String, _ paths: [Path]) -> ClosureError {
        ClosureError(
            Path(name),
            "\(Path(name).quoted) is the name of \(paths.count) store paths of the closure; name one of them: "
                + list(paths))
    }

    /// The error for a word that is neither a path in the store nor the name of a package of the closure.
    package static func noPackage(_ name: String, _ reason: ClosureError) -> ClosureError {
        ClosureError(
            Path(name), "\(Path(name).quoted) is neither a package of the closure nor a path in the store: \(reason)")
    }

    /// The error for a path that the user named and that does not belong to the closure.
    public static func notListed(_ path: Path, in list: Path) -> ClosureError {
        ClosureError(path, "\(path.quoted) does not belong to \(list): name it as a ROOT, or add it there")
    }
}
