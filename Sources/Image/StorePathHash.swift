package import Nar
package import SystemCalls

/// What is known of the content of a store path in a layer.
package enum StorePathContent: Sendable, Hashable {
    case digest(NarDigest)
    /// It could not be hashed; the text says why.
    case unknown(String)
}

/// Hashes a store path as an archive of Nix's, of a layer's members as they come.
///
/// Both archives have the same order, where the layer is repot's: by names in byte order, a directory before what is in
/// it. Members in another order cannot be hashed without keeping them, and then nothing is said.
package struct StorePathHash: ~Copyable {
    private var hasher = NarHasher()
    /// The directories that have not ended, the store path's own first.
    private var open: [Path] = []
    private var last: [Path]?
    /// Why nothing can be said.
    package private(set) var doubt: String?

    package init(doubt: String? = nil) { self.doubt = doubt }

    package mutating func directory(_ place: [Path]) {
        guard enter(place) else { return }
        hasher.directory(Self.name(place), depth: place.count)
        open.append(place.last ?? Path([]))
    }

    package mutating func symlink(_ place: [Path], to target: [UInt8]) {
        if enter(place) { hasher.symlink(Self.name(place), depth: place.count, to: target) }
    }

    /// A file, whose content follows; false where nobody wants it.
    package mutating func file(_ place: [Path], size: Int64, isExecutable: Bool) -> Bool {
        guard enter(place) else { return false }
        hasher.file(Self.name(place), depth: place.count, size: size, isExecutable: isExecutable)
        return true
    }

    package mutating func content(_ bytes: UnsafeRawBufferPointer) { hasher.content(bytes) }

    package mutating func endOfFile() { hasher.endOfFile() }

    package mutating func doubt(_ why: String) { doubt = doubt ?? why }

    private static func name(_ place: [Path]) -> [UInt8] { place.last?.bytes ?? [] }

    /// Ends directories that it is not in, and says whether it is where an archive of Nix's has it.
    private mutating func enter(_ place: [Path]) -> Bool {
        if doubt != nil { return false }
        while open.count > place.count {
            hasher.leave()
            open.removeLast()
        }
        let isAfter = last.map { $0.lexicographicallyPrecedes(place) } ?? place.isEmpty
        last = place
        if isAfter, open.count == place.count, open.dropFirst().elementsEqual(place.dropLast()) { return true }
        doubt("its members are not in the order of Nix's archives")
        return false
    }

    package consuming func finish() -> StorePathContent {
        if let doubt { return .unknown(doubt) }
        for _ in open { hasher.leave() }
        return .digest(hasher.finish())
    }
}
