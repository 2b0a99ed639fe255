package import SystemCalls

/// An entry of a layer that programs unpack in different ways, so that the content of the store is not certain.
package struct LayerConflict: Hashable, Sendable {
    package enum Reason: Hashable, Sendable {
        /// A symlink or a file of the image, and a layer has entries below it. Some programs write through the
        /// symlink, and others replace it.
        case belowSymlink
        /// Some programs remove only the entry of the layers below, and others that of the layer too.
        case addedAndRemoved
        /// A removal without a name, or of `.` or `..`, which removes a directory.
        case removalOfDirectory
        /// An attribute by which overlayfs hides or replaces entries.
        case overlayAttribute
        /// The layers have more entries than this program compares.
        case tooManyEntries
    }

    /// The entry.
    package let path: Path
    package let reason: Reason

    init(_ path: Path, _ reason: Reason) {
        self.path = path
        self.reason = reason
    }

    /// The attributes, as archives record them. Source: Linux, Documentation/filesystems/overlayfs.rst.
    static let overlayAttributes = Set(
        ["trusted", "user"].flatMap { space in
            ["opaque", "redirect", "metacopy", "whiteout"].map { "SCHILY.xattr.\(space).overlay.\($0)" }
        })

    /// A predicate, whose subject is the path.
    package var text: String {
        switch reason {
        case .belowSymlink:
            "is not a directory, and has entries below it, which programs unpack to different locations in the store"
        case .addedAndRemoved: "is added and removed by one layer, and programs unpack it differently"
        case .removalOfDirectory: "is a whiteout without a name, with which some programs remove the directory"
        case .overlayAttribute: "has an attribute with which overlayfs hides or replaces entries"
        case .tooManyEntries: "has more entries in its layers than repot compares"
        }
    }
}
