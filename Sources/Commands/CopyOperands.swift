import NixClosure
import SystemCalls
import TreeCopy

/// Where each operand of `cp` goes. Source: coreutils, 'Target directory'.
struct CopyOperands {
    private(set) var settings: CopySettings
    /// What is said before a root's turn, by its number: the last is how many there are.
    private(set) var warnings: [Int: [String]] = [:]
    private let operands: [Path]

    init(settings: CopySettings, operands: [Path]) {
        self.settings = settings
        self.operands = operands
    }

    /// The roots to copy, each once, or what is wrong with the operands.
    mutating func roots() throws(UsageError) -> [CopyRoot] {
        if let root = try backupOfItself() { return [root] }
        let roots = try allRoots()
        if roots.count == 1 { return roots }
        var sources = SourceNames()
        var kept: [CopyRoot] = []
        for var root in roots {
            // One destination a name, but for --parents, where equal names have equal destinations too.
            if root.see(), !sources.insert(root.source), !isCopiedAgain(root) {
                warnings[kept.count, default: []].append(warning(root.source))
            } else {
                kept.append(root)
            }
        }
        return kept
    }

    /// Whether an operand may be a standard stream, such as /dev/stdin.
    var mayUseStreams: Bool { operands.contains { $0.hasPrefix("/dev") || $0.hasPrefix("/proc") } }

    /// With backups a file is copied over itself, which leaves two of it; and what cannot be copied cannot be twice.
    private func isCopiedAgain(_ root: CopyRoot) -> Bool {
        guard directoryProblem(root.source) == nil else { return settings.overwriting.rules.backup != nil }
        guard settings.isRecursive else { return true }
        do throws(Errno) {
            let there = try Directory.current.metadata(of: Name(root.destination), following: false)
            let source = try Directory.current.metadata(of: Name(root.source), following: true)
            return there.kind != .directory || there.identity == source.identity
        } catch { return error != .notFound }
    }

    /// `cp -f -b FILE FILE` makes a backup of FILE, and nothing else.
    private mutating func backupOfItself() throws(UsageError) -> CopyRoot? {
        guard settings.overwriting.rules.isForced, let backup = settings.overwriting.rules.backup, operands.count == 2,
            operands[0] == operands[1], settings.targetDirectory == nil,
            (try? Directory.current.metadata(of: Name(operands[0]), following: true).kind) == .regular
        else { return nil }
        let parent = operands[0].parent
        do throws(Errno) {
            let directory = try Directory.current.openDirectory(Name(parent))
            let name = try backup.name(for: Name(operands[0].lastComponent), in: directory)
            settings.overwriting.dropBackup()
            return CopyRoot(source: operands[0], directory: parent, name: Path(name.bytes), publication: .inPlace)
        } catch { throw TargetError.usage("cannot backup", operands[0], error) }
    }

    private func warning(_ source: Path) -> String {
        let kind = directoryProblem(source) == nil ? "directory" : "file"
        return "\(settings.personality.program): warning: source \(kind) \(source.quoted) specified more than once"
    }

    private func allRoots() throws(UsageError) -> [CopyRoot] {
        guard let first = operands.first else { throw UsageError("missing file operand") }
        if let directory = settings.targetDirectory {
            guard !settings.noTargetDirectory else {
                throw UsageError(
                    "cannot combine --target-directory (-t) and --no-target-directory (-T)", suggestsHelp: false)
            }
            if let errno = directoryProblem(directory) { throw TargetError.usage("target directory", directory, errno) }
            return operands.map { root(stripped($0), into: directory) }
        }
        guard let last = operands.last, operands.count > 1 else {
            throw UsageError("missing destination file operand after \(first.quoted)")
        }
        return try roots(operands.dropLast(), last)
    }

    private func roots(_ sources: ArraySlice<Path>, _ last: Path) throws(UsageError) -> [CopyRoot] {
        if settings.noTargetDirectory {
            guard sources.count == 1 else { throw UsageError("extra operand \(operands[2].quoted)") }
            if settings.parents { throw UsageError("with --parents, the destination must be a directory") }
            return sources.map { root($0, as: last) }
        }
        let problem = directoryProblem(last)
        if problem == nil { return sources.map { root(stripped($0), into: last) } }
        if settings.parents { throw UsageError("with --parents, the destination must be a directory") }
        if sources.count > 1, let problem { throw TargetError.usage("target", last, problem) }
        return sources.map { root($0, as: last) }
    }

    /// As GNU cp does it: only where the destination is a directory.
    private func stripped(_ source: Path) -> Path {
        settings.stripsSlashes ? source.withoutTrailingSlashes : source
    }

    /// nil for a directory, be it through a symlink.
    private func directoryProblem(_ path: Path) -> Errno? {
        do throws(Errno) {
            let kind = try Directory.current.metadata(of: Name(path), following: true).kind
            return kind == .directory ? nil : .notDirectory
        } catch { return error }
    }

    /// `cp a/. d` and `cp .. d` merge into `d` itself.
    private func root(_ source: Path, into directory: Path) -> CopyRoot {
        let base = source.lastComponent
        let name: Path = base == "." || base == ".." || base == "/" ? "." : base
        if settings.parents {
            let below = Path(source.withoutTrailingSlashes.bytes.drop { $0 == Path.slash })
            let parent = below.parent == "." ? directory : directory.appending(below.parent)
            return CopyRoot(
                source: source, directory: parent, name: name, publication: .inPlace,
                shown: directory.appending(below))
        }
        return CopyRoot(
            source: source, directory: directory, name: name, publication: publication(of: source, as: name),
            shown: base == ".." ? nil : directory.appending(name))
    }

    private func root(_ source: Path, as destination: Path) -> CopyRoot {
        let base = destination.lastComponent
        let isSpecial = base == "." || base == ".." || base == "/"
        let name = isSpecial ? Path(".") : nameKeepingSlash(destination, of: source)
        return CopyRoot(
            source: source, directory: isSpecial ? destination : destination.parent, name: name,
            publication: publication(of: source, as: name, over: destination), shown: destination)
    }

    /// A slash at the end says that a directory is meant; the kernel refuses it for a file, and follows a
    /// symlink for its sake.
    private func nameKeepingSlash(_ destination: Path, of source: Path) -> Path {
        guard destination.bytes.last == Path.slash else { return destination.lastComponent }
        let name = Name(destination.withoutTrailingSlashes)
        let isSymlink = (try? Directory.current.metadata(of: name, following: false).kind) == .symlink
        let follows = settings.options.dereference != .never
        let kind = try? Directory.current.metadata(of: Name(source), following: follows).kind
        return !settings.isRecursive || isSymlink || kind != .directory
            ? Path(destination.lastComponent.bytes + [Path.slash]) : destination.lastComponent
    }

    /// Returns when the source appears: a new directory when it is done, a store path only when it is complete.
    /// An existing entry of another name is no earlier copy of the store path, and so is merged into.
    private func publication(of source: Path, as name: Path, over destination: Path? = nil) -> Publication {
        if settings.personality == .gnu || name == "." || name.bytes.last == Path.slash { return .inPlace }
        guard isStorePath(source) else { return .whenDone }
        guard let destination, name != source.lastComponent else { return .whole }
        let isTaken = (try? Directory.current.metadata(of: Name(destination), following: false)) != nil
        return isTaken ? .whenDone : .whole
    }

    /// Whether the operand names a store path by its last two components: `store`, and a store path name. Documented in
    /// `CopyPage.storePathRule`.
    private func isStorePath(_ source: Path) -> Bool {
        guard settings.options.dereference == .never else { return false }
        return source.parent.lastComponent == "store" && StorePath(baseName: source.lastComponent) != nil
    }
}

/// Names in directories, whatever paths lead there.
private struct SourceNames {
    private struct SourceName: Hashable {
        let parent: FileIdentity
        let name: Path
    }

    private var names: Set<SourceName> = []
    private var parents: [Path: FileIdentity] = [:]

    /// False where the name of something that is there was known already.
    mutating func insert(_ path: Path) -> Bool {
        guard let parent = identity(of: path.parent) else { return true }
        return names.insert(SourceName(parent: parent, name: path.lastComponent)).inserted
    }

    private mutating func identity(of parent: Path) -> FileIdentity? {
        if let known = parents[parent] { return known }
        let found = try? Directory.current.metadata(of: Name(parent), following: true).identity
        parents[parent] = found
        return found
    }
}

enum TargetError {
    static func usage(_ role: String, _ path: Path, _ errno: Errno) -> UsageError {
        UsageError("\(role) \(path.quoted): \(errno.message)", suggestsHelp: false)
    }
}
