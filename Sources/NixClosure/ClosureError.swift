import References
public import SystemCalls

/// Why a closure could not be found out: one shape for the library.
public struct ClosureError: Error, Hashable, Sendable, CustomStringConvertible {
    /// A whole sentence, with the remedy.
    public let description: String
    /// What it is about.
    public let path: Path
    /// The error number, where a system call failed.
    public let errno: Errno?

    private let kind: Kind

    private enum Kind: Sendable { case other, final, outside }

    /// No other source can know better.
    var isFinal: Bool { kind == .final }

    /// What a user named is no part of the store.
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
        ClosureError(path, "\(path.quoted) is no store path: a hash of 32 characters, a dash and a name are expected")
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
            "\(path.quoted) is not valid: the Nix database \(database.quoted) does not know it; build it, or use --closure-from scan",
            .final)
    }

    static func unscanned(_ error: PathError) -> ClosureError {
        let remedy = "to find references, all of it has to be read; run repot as somebody who may read it"
        let mayHelp = error.errno == .accessDenied || error.errno == .notPermitted
        return ClosureError(error.path, mayHelp ? "\(error): \(remedy)" : "\(error)", error.errno)
    }

    static func incomplete(_ source: SourceChoice, told: Int, known: Int) -> ClosureError {
        ClosureError(
            Path(source.rawValue),
            "\(source.rawValue) has named \(told) store paths and described \(known): ask another source, with --closure-from"
        )
    }

    static func unknown(_ path: Path) -> ClosureError {
        ClosureError(
            path,
            "\(path.quoted) is referred to, or asked for, but its references are not known: the list is not complete")
    }

    /// A file that should be a registration is none.
    package static func noRegistration(_ file: Path) -> ClosureError {
        ClosureError(file, "\(file.quoted) is no registration: say with --closure FILE what should be there")
    }

    /// The error for a root that no document has.
    static func notRecorded(_ path: Path, in documents: [Path]) -> ClosureError {
        ClosureError(path, "\(path.quoted) is not in \(list(documents)): leave it out, or write the document with it")
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

    /// Something that was asked for does not belong to the closure.
    public static func notListed(_ path: Path, in list: Path) -> ClosureError {
        ClosureError(path, "\(path.quoted) does not belong to \(list): name it as a ROOT, or add it there")
    }
}
