/// Grows one random tree.
struct RandomGrowth {
    typealias Feature = RandomTree.Feature

    var random: SplitMix64
    let shape: RandomTree.Shape
    let tree: TreeBuilder
    private var directories: [ByteString] = [""]
    private var serial = 0

    init(seed: UInt64, shape: RandomTree.Shape, tree: TreeBuilder) {
        random = SplitMix64(seed: seed)
        self.shape = shape
        self.tree = tree
    }

    mutating func run() throws(TestError) {
        let total = random.number(in: shape.entries)
        // A skeleton first, so that the features are spread over some depth.
        for _ in 0..<max(3, total / 12) { try plant(.directory) }
        // In the order of declaration: that of a set changes from run to run.
        let features = Feature.allCases.filter(shape.features.contains)
        for feature in features { try plant(feature) }
        while serial < total { try plant(random.once(in: 2) ? .file : random.pick(features)) }
        tree.root(attributes(0o755))
    }

    private mutating func plant(_ feature: Feature) throws(TestError) {
        switch feature {
        case .directory, .stickyDirectory, .setGroupDirectory, .readOnlyDirectory, .defaultAccessList:
            try plantDirectory(feature)
        case .link, .danglingLink, .longLink, .attributedLink, .linkedLink:
            try plantLink(feature)
        case .fifo, .socket, .linkedFifo, .characterDevice, .blockDevice:
            try plantSpecial(feature)
        default:
            try plantFile(feature)
        }
    }
}

extension RandomGrowth {
    /// A path not yet taken, in a directory of chance.
    private mutating func newPath(_ prefix: String) -> ByteString {
        serial += 1
        return random.pick(directories) / ByteString("\(prefix)\(serial)")
    }

    private mutating func time() -> Timestamp {
        Timestamp(
            seconds: random.number(in: 0...2_000_000_000), nanoseconds: random.number(in: 0...999_999_999))
    }

    private mutating func attributes(_ mode: UInt16? = nil) -> Attributes {
        var attributes = Attributes(mode: mode, modified: time(), accessed: time())
        if shape.features.contains(.owner) && random.once(in: 3) { giveAway(&attributes) }
        return attributes
    }

    private mutating func giveAway(_ attributes: inout Attributes) {
        let ids: [UInt32] = [1, 1000, 65534, 3_000_000_000]
        attributes.owner = random.pick(ids)
        attributes.group = random.pick(ids)
    }
}

extension RandomGrowth {
    private mutating func plantDirectory(_ feature: Feature) throws(TestError) {
        let path = newPath("dir")
        var attributes = attributes(random.pick([0o755, 0o700, 0o750, 0o775]))
        switch feature {
        case .stickyDirectory: attributes.mode = 0o1777
        case .setGroupDirectory: attributes.mode = 0o2755
        case .readOnlyDirectory: attributes.mode = 0o555
        case .defaultAccessList: attributes.defaultAccessList = .allowing(user: 65534, [.read, .execute])
        default: if random.once(in: 6) { addUserAttribute(to: &attributes) }
        }
        try tree.directory(path, attributes)
        if path.components.count < shape.depth { directories.append(path) }
    }

    private mutating func plantLink(_ feature: Feature) throws(TestError) {
        let path = newPath("link")
        var attributes = attributes()
        if feature == .attributedLink { attributes.extended["trusted.link"] = [1, 2, 3] }
        try tree.symbolicLink(path, to: target(feature), attributes)
        if feature == .linkedLink { try tree.hardLink(newPath("linklink"), to: path) }
    }

    /// XFS takes no target beyond 1023 bytes.
    private mutating func target(_ feature: Feature) -> ByteString {
        switch feature {
        case .danglingLink: "/nowhere/\u{e9}/at all"
        case .longLink: ByteString([UInt8](repeating: UInt8(ascii: "x"), count: 1000))
        default: random.pick([".", "..", "../..", "file", "/dev/null"])
        }
    }

    private mutating func plantSpecial(_ feature: Feature) throws(TestError) {
        let path = newPath("special")
        let attributes = attributes(random.pick([0o600, 0o644, 0o666]))
        switch feature {
        case .socket: try tree.socket(path, attributes)
        case .characterDevice: try tree.characterDevice(path, DeviceNumber(major: 1, minor: 3), attributes)
        // A minor beyond 8 bits shows whether the number is taken apart correctly.
        case .blockDevice: try tree.blockDevice(path, DeviceNumber(major: 7, minor: 700), attributes)
        default: try tree.fifo(path, attributes)
        }
        if feature == .linkedFifo { try tree.hardLink(newPath("fifolink"), to: path) }
    }

    private mutating func plantFile(_ feature: Feature) throws(TestError) {
        let path = name(feature, newPath("file"))
        var attributes = attributes(random.pick([0o644, 0o600, 0o755, 0o664]))
        dress(&attributes, feature)
        try tree.file(path, feature == .sparseFile ? sparse() : content(), attributes)
        guard feature == .hardLink else { return }
        for _ in 0..<random.number(in: 1...3) { try tree.hardLink(newPath("hard"), to: path) }
    }

    private func name(_ feature: Feature, _ path: ByteString) -> ByteString {
        switch feature {
        case .oddName: path + [0xff, 0xfe, 0x20, 0x0a, 0x5c, 0x01, 0x2d]
        case .longName: path + ByteString([UInt8](repeating: 0x6e, count: 255 - lastLength(path)))
        default: path
        }
    }

    private func lastLength(_ path: ByteString) -> Int {
        path.components.last?.bytes.count ?? 0
    }
}

extension RandomGrowth {
    private mutating func dress(_ attributes: inout Attributes, _ feature: Feature) {
        switch feature {
        case .setIdFile: attributes.mode = random.pick([0o4755, 0o2755, 0o6711, 0o1644])
        case .readOnlyFile: attributes.mode = 0o444
        case .unreadable: attributes.mode = 0
        case .ancientTime: attributes.modified = .ancient
        case .futureTime: attributes.modified = .future
        case .userAttribute: addUserAttribute(to: &attributes)
        case .largeAttribute: attributes.extended["user.large"] = random.bytes(1500)
        case .accessList: attributes.accessList = .allowing(user: 65534, .read)
        case .owner: giveAway(&attributes)
        case .trustedAttribute: attributes.extended["trusted.test"] = random.bytes(20)
        case .capability: attributes.extended[FileCapability.name] = FileCapability.netBindService
        default: break
        }
    }

    private mutating func addUserAttribute(to attributes: inout Attributes) {
        guard shape.features.contains(.userAttribute) else { return }
        attributes.extended["user.empty"] = []
        attributes.extended["user.bytes"] = random.bytes(random.number(in: 1...60))
    }

    /// Small files are the most common, as they are in life.
    private mutating func content() -> FileContent {
        let edge = random.pick(RandomTree.edgeSizes)
        let size = random.once(in: 2) ? edge : random.number(in: 0...9000)
        return .pattern(size: size, seed: random.next())
    }

    /// Holes at the start, in between and at the end, or nothing but a hole; ends need not be round.
    private mutating func sparse() -> FileContent {
        var data: [Range<Int>] = []
        var position = random.number(in: 0...1) * 65536
        for _ in 0..<random.number(in: 0...4) {
            let length = random.pick([1, 4096, 5000, 65536, 100_000])
            data.append(position..<position + length)
            position += (length + 65535) / 65536 * 65536 + random.number(in: 1...8) * 65536
        }
        let end = data.last?.upperBound ?? 0
        let length = random.once(in: 2) && end > 0 ? end : position + 131_072
        return .sparse(length: length, data: data, seed: random.next())
    }
}
