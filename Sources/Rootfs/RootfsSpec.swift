public import NixClosure
public import SystemCalls
public import TreeCopy

/// What a root file system is to be made of.
public struct RootfsSpec: Sendable {
    /// The store that the closure is in.
    public var store: Store
    /// The store paths.
    public var closure: Closure
    /// The directory that becomes the root; its parent exists.
    public var destination: Path
    /// What there is beside it, and what of it is left out.
    public var additions = RootfsAdditions()
    /// Store paths are renamed rather than copied where both lie on one mount: the store loses them.
    public var moves = false
    /// How store paths are copied.
    public var strategy = StrategyChoice.auto
    /// No stepping down from the strategy.
    public var isStrict = false
    /// Whether everything is on disk when a stager returns, and each entry gets its name after its content is on disk.
    public var syncs = false
    /// Everything belongs to this owner instead of the source's.
    public var owner: Ownership?
    /// Everything has this modification time, in seconds since 1970, instead of the source's.
    public var modificationTime: Int64?
    /// The number of workers; nil for the engine's own choice.
    public var workers: Int?

    /// A root of this closure and nothing else.
    public init(store: Store, closure: Closure, destination: Path) {
        self.store = store
        self.closure = closure
        self.destination = destination
    }
}

extension RootfsSpec {
    /// The options for copying store paths.
    var copyOptions: CopyOptions {
        var options = CopyOptions()
        options.strategy = strategy
        options.isStrict = isStrict
        options.linkPolicy = .unchanging
        options.existing = .refuse
        options.owner = owner
        options.modificationTime = modificationTime
        options.workers = workers
        options.syncs = syncs
        return options
    }
}
