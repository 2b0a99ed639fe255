import FileTree
import Nar
import NixClosure
import References
import SystemCalls

/// What all inspections of one run look for.
struct InspectionRules: Sendable {
    /// nil where metadata does not matter.
    var metadata: MetadataRule?
    let links: StoreLinks
    let directory: Path
    let present: Set<HashPart>
    /// Whether the references of all store paths are known. When Nix builds a store path, it searches it for the hashes
    /// of all inputs, so that any other name in a file is not a reference.
    var declaresReferences = false
    /// Entries of the store's directory that are missing, or from which something was left out on purpose: nothing is
    /// wrong with a link to that.
    var holed: Set<Path> = []

    /// The rules for these store paths in their store, or where they were moved from there.
    init(_ storePaths: Set<StorePath>, in store: Store, movedTo moved: Store? = nil) {
        links = StoreLinks(store, movedTo: moved)
        directory = store.directory
        present = Set(storePaths.map(\.hashPart))
    }
}

/// Looks at a store path as it is read: at metadata, at where symlinks lead, and at store paths that files name.
struct Inspection: TreeConsumer, ~Copyable {
    private let storePath: StorePath
    private let tree: Path
    private let rules: InspectionRules
    private var names: StoreNames
    private var file: [UInt8] = []
    private var problems: [Finding.Problem: [Path]] = [:]

    init(_ storePath: StorePath, at tree: Path, _ rules: InspectionRules) {
        self.storePath = storePath
        self.tree = tree
        self.rules = rules
        names = StoreNames(below: rules.directory, present: rules.present)
    }

    /// The list of attributes comes before the metadata: in sysfs the first one moves the times of a file.
    mutating func opened(_ file: borrowing Descriptor, _ entry: WalkEntry) throws(PathError) {
        guard rules.metadata != nil else { return }
        do throws(Errno) { check(try file.attributeNames(), entry.path) } catch { throw cannotList(entry, error) }
    }

    mutating func file(_ entry: WalkEntry, _ metadata: Metadata, size: Int64) {
        file = entry.path
        check(metadata, file)
        names.begin()
    }

    mutating func content(_ bytes: UnsafeRawBufferPointer) { names.look(in: bytes) }

    mutating func endOfFile() {
        names.end()
        for name in names.found {
            let problem = rules.declaresReferences ? Finding.Problem.mentionsAbsent(name) : .namesAbsent(name)
            problems[problem, default: []].append(Path(file))
        }
    }

    mutating func symlink(_ entry: WalkEntry, to target: Name) throws(PathError) {
        let path = Path(entry.path)
        if rules.metadata != nil {
            do throws(Errno) { check(try entry.parent.attributeNames(of: entry.name), entry.path) } catch {
                throw cannotList(entry, error)
            }
        }
        do throws(Errno) {
            if rules.metadata != nil { check(try entry.parent.metadata(of: entry.name, following: false), entry.path) }
            let place = [storePath.baseName] + path.components
            let end = try rules.links.end(of: Path(target.bytes), from: place.dropLast())
            // Within its own store path it is as its maker wanted it.
            if case .nothing(let entry) = end, entry != storePath.baseName, !rules.holed.contains(entry) {
                problems[.leadsToNothing(target: Path(target.bytes)), default: []].append(path)
            }
        } catch { throw .failed("cannot follow symbolic link", tree.below(entry.path), error) }
    }

    mutating func directory(_ entry: WalkEntry) throws(PathError) {
        guard rules.metadata != nil, let directory = entry.directory else { return }
        do throws(Errno) { check(try directory.attributeNames(), entry.path) } catch { throw cannotList(entry, error) }
        do throws(Errno) { check(try directory.metadata(), entry.path) } catch {
            throw .failed("cannot stat", tree.below(entry.path), error)
        }
    }

    mutating func leave() {}

    private mutating func check(_ attributes: [AttributeName], _ path: [UInt8]) {
        for name in attributes where AttributeRule.forbids(name) {
            problems[.attribute(name: Path(name.bytes)), default: []].append(Path(path))
        }
    }

    private func cannotList(_ entry: WalkEntry, _ error: Errno) -> PathError {
        .failed("cannot list the extended attributes of", tree.below(entry.path), error)
    }

    private mutating func check(_ metadata: Metadata, _ path: [UInt8]) {
        for problem in rules.metadata?.problems(of: metadata) ?? [] {
            problems[problem, default: []].append(Path(path))
        }
    }

    /// What was found, each problem with all its files.
    var findings: [Finding] { problems.map { Finding(storePath, $0.key, files: $0.value) } }
}
