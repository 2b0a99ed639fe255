import Glibc

/// A place in a tree that moves one level at a time, at any depth, with a bounded number of descriptors.
///
/// The first levels stay open; deeper down only the current directory is, and the way back leads over "..",
/// where the cursor makes sure that it comes back to the directory it came from.
struct DirectoryCursor {
    private struct Ancestor {
        let identity: Identity
        let descriptor: Descriptor?
    }

    private static let levelsHeldOpen = 64

    private(set) var current: Descriptor
    private var ancestors: [Ancestor] = []

    init(at directory: Descriptor) {
        current = directory
    }

    mutating func descend(into name: ByteString) throws(TestError) {
        let child = try current.openDirectory(name)
        let isShallow = ancestors.count < Self.levelsHeldOpen
        let identity = Identity(try current.status())
        ancestors.append(Ancestor(identity: identity, descriptor: isShallow ? current : nil))
        current = child
    }

    mutating func ascend() throws(TestError) {
        guard let ancestor = ancestors.popLast() else { throw TestError("ascend above the start") }
        if let descriptor = ancestor.descriptor {
            current = descriptor
        } else {
            current = try current.openDirectory("..")
        }
        if Identity(try current.status()) != ancestor.identity {
            throw TestError("the tree was moved while it was being read")
        }
    }
}
