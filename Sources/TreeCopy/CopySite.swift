import SystemCalls

/// Two directories between which entries are copied, and what is known of them.
///
/// A class, because a site goes through many hands: one reference to count instead of six.
final class DirectoryPair: Sendable {
    let source: Directory
    let destination: Directory
    /// nil for roots.
    let parent: DirectoryTask?
    let root: RootTask
    let ladder: StrategyLadder
    /// nil for roots: the first look at what was made tells.
    let rule: CreationRule?

    init(
        source: Directory, destination: Directory, parent: DirectoryTask?, root: RootTask, ladder: StrategyLadder,
        rule: CreationRule?
    ) {
        self.source = source
        self.destination = destination
        self.parent = parent
        self.root = root
        self.ladder = ladder
        self.rule = rule
    }
}

/// One entry about to be copied: where it is, where it goes, and what is known of both directories.
struct CopySite {
    private(set) var pair: DirectoryPair
    let sourceName: Name
    let name: Name
    let follows: Bool
    /// A FIFO or a device that is read: opening it waits for who writes to it, as cp does.
    var isStream = false
    /// What was decided about what is there, once somebody has looked.
    var way: Way?

    var source: Directory { pair.source }
    var destination: Directory { pair.destination }
    var parent: DirectoryTask? { pair.parent }
    var root: RootTask { pair.root }
    var ladder: StrategyLadder { pair.ladder }
    var rule: CreationRule? { pair.rule }

    var sourcePath: Path { parent?.sourcePath.appending(sourceName) ?? root.request.source }
    var destinationPath: Path { parent?.destinationPath.appending(name) ?? root.request.shownDestination }
    var openOptions: OpenOptions { follows ? .none : .noFollow }

    /// The file lies on another volume than its directory.
    mutating func climb(_ other: StrategyLadder) {
        pair = DirectoryPair(
            source: source, destination: destination, parent: parent, root: root, ladder: other, rule: rule)
    }
}
