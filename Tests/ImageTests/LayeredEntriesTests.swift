import SystemCalls
import Testing

@testable import Image

@Suite("Entries of a stack of layers")
struct LayeredEntriesTests {
    private struct Entry: LayeredEntry, Equatable {
        let layer: Int
        let isDirectory: Bool

        static var impliedDirectory: Entry { Entry(layer: 0, isDirectory: true) }
    }

    /// Applies layers whose paths end with a slash if they are directories.
    private func stack(_ layers: [[Path]]) -> LayeredEntries<Entry> {
        var stack = LayeredEntries<Entry>()
        for (index, paths) in layers.enumerated() {
            var layer = LayerEntries<Entry>()
            for path in paths where !layer.addRemoval(path) {
                layer.entries[Path(joining: path.components)] = Entry(
                    layer: index + 1, isDirectory: path.bytes.last == Path.slash)
            }
            stack.apply(layer)
        }
        return stack
    }

    @Test("a whiteout removes an entry and all below it from the layers below only")
    func whiteout() {
        let stack = stack([["a/", "a/b", "c"], [".wh.a", ".wh.c", "c"]])
        #expect(stack.entries == ["c": Entry(layer: 2, isDirectory: false)])
    }

    @Test("an opaque directory hides its entries of the layers below, and keeps those of its own layer")
    func opaqueDirectory() {
        let stack = stack([["a/", "a/b"], ["a/c", "a/.wh..wh..opq"]])
        #expect(Set(stack.entries.keys) == ["a", "a/c"])
    }

    @Test("a file in place of a directory removes the entries below it")
    func fileInPlaceOfDirectory() {
        let stack = stack([["a/", "a/b/", "a/b/c"], ["a"]])
        #expect(stack.entries == ["a": Entry(layer: 2, isDirectory: false)])
        #expect(stack.crossings.isEmpty)
    }

    @Test("a directory in place of a file is no crossing if it has its own entry")
    func directoryInPlaceOfFile() {
        #expect(stack([["a"], ["a/", "a/b"]]).crossings.isEmpty)
        #expect(stack([["a"], ["a/b"]]).crossings == ["a"])
    }

    @Test("a directory without its own entry is implied, and keeps the entry of a lower layer")
    func impliedDirectory() {
        let stack = stack([["a/"], ["a/b", "c/d"]])
        #expect(stack.entries["a"] == Entry(layer: 1, isDirectory: true))
        #expect(stack.entries["c"] == .impliedDirectory)
    }
}
