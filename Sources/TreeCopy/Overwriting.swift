public import SystemCalls

/// What to do where the destination has a file of that name already.
public enum Existing: Sendable, Hashable {
    /// Write into it, or do what the options say.
    case overwrite(Overwriting)
    /// Leave it.
    case skip
    /// Leave it, and say so: `cp --update=none-fail`.
    case decline
    /// An error: nothing may be there.
    case refuse

    /// Write into it; where `force`, replace what cannot be opened.
    public static func overwrite(force: Bool) -> Existing {
        var overwriting = Overwriting()
        overwriting.isForced = force
        return .overwrite(overwriting)
    }

    /// nil unless files may be overwritten at all.
    var overwriting: Overwriting? { if case .overwrite(let overwriting) = self { overwriting } else { nil } }
}

/// How files are overwritten. Source: coreutils, 'cp invocation'.
public struct Overwriting: Sendable, Hashable {
    /// What cannot be opened is removed: `-f`. Links, hard or symbolic, always take the place of what is there.
    public var isForced = false
    /// What is there is removed before anything is opened: `--remove-destination`.
    public var removesFirst = false
    /// What is as new as the source, or newer, stays: `-u`.
    public var onlyOlder = false
    /// What is there gets another name first: `-b`.
    public var backup: Backup?

    /// Nothing of it.
    public init() {}
}

/// How a file that is to be overwritten is kept under another name. Source: coreutils, 'Backup options'.
public struct Backup: Sendable, Hashable {
    /// Which name it gets.
    public enum Control: Sendable, Hashable {
        /// The name and the suffix, whatever has it.
        case simple
        /// The name and `.~N~`, N being one more than the highest that is there.
        case numbered
        /// Numbered where there are numbered ones, otherwise simple.
        case existing
    }

    /// Which name it gets.
    public var control: Control
    /// What a simple one is told by.
    public var suffix: Path

    /// A suffix that names another directory, or nothing, is none: `~` takes its place.
    public init(_ control: Control, suffix: Path = "~") {
        self.control = control
        let isUsable = !suffix.bytes.isEmpty && !suffix.withoutTrailingSlashes.bytes.contains(Path.slash)
        self.suffix = isUsable ? suffix : "~"
    }
}
