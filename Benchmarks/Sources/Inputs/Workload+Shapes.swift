import Measuring
import TestSupport

/// Trees that show what closures alone do not.
extension Workload {
    /// A tree of small files, a hundred a folder, for figures over their number.
    package static func files(_ count: Int) -> Workload {
        let growth = Undergrowth(count: count, perFolder: 100, sizes: 1...4096)
        return Workload(
            description: "\(grouped(count)) files up to 4 KiB", files: count, entries: count + growth.folders,
            footprint: growth.footprint, make: { try growth.grow(at: $0) })
    }

    /// One folder full of files of 1,000 bytes.
    package static func flat(_ count: Int) -> Workload {
        let growth = Undergrowth(count: count, perFolder: count, sizes: 1000...1000)
        return Workload(
            description: "one folder of \(grouped(count)) files", files: count, entries: count + growth.folders,
            footprint: growth.footprint, make: { try growth.grow(at: $0) })
    }

    /// A tree in which half of the names belong to files of four names, in folders next to each other.
    package static func hardLinks(_ count: Int) -> Workload {
        let groups = count / 8
        let growth = Undergrowth(count: count - 3 * groups, perFolder: 100, sizes: 1...4096)
        return Workload(
            description: "\(grouped(count)) files, half of them hard-linked by fours", files: count,
            entries: count + growth.folders, footprint: growth.footprint
        ) { path in
            try growth.grow(at: path)
            let tree = try TreeBuilder(at: path)
            for group in 0..<groups {
                // One in five or so of the inodes.
                let file = group * growth.count / groups
                for name in 1...3 {
                    let folder = growth.folder((file / growth.perFolder + name) % growth.folders)
                    try tree.hardLink(folder / "link-\(group)-\(name)", to: growth.path(file))
                }
            }
        }
    }

    /// Symbolic links only, a hundred a folder. One target in four is too long to be kept within the inode.
    package static func symbolicLinks(_ count: Int) -> Workload {
        let folders = (count + 99) / 100
        return Workload(
            description: "\(grouped(count)) symbolic links", files: 0, entries: 1 + folders + count,
            footprint: (1 + folders + count / 4) << 12
        ) { path in
            try TreeBuilder.build(at: path) { tree in
                for link in 0..<count {
                    let way = String(repeating: "long-way/", count: link % 4 == 0 ? 10 : 1)
                    try tree.symbolicLink("\(link / 100)/\(link)", to: "../\(way)target-\(link)")
                }
            }
        }
    }

    /// Narrow trees side by side, each so many folders deep, with two files in every folder. Names have one
    /// byte; beyond some 2,000 levels no path reaches the bottom.
    package static func deep(levels: Int, chains: Int) -> Workload {
        let folders = levels * chains
        let shape = DeepChains(levels: levels, chains: chains)
        return Workload(
            description: "\(chains) trees of \(grouped(levels)) levels", files: 2 * folders, entries: 1 + 3 * folders,
            footprint: (1 + 3 * folders) << 12, make: { try shape.build(at: $0) })
    }
}

/// Single large files.
extension Workload {
    /// A single file without holes.
    package static func bigFile(_ size: Int) -> Workload {
        Workload(description: "one file, \(grouped(size >> 20)) MiB", files: 1, entries: 1, footprint: size) { path in
            let parent = path.components.dropLast().reduce("/") { $0 / $1 }
            let name = path.components.last ?? ""
            try TreeBuilder.build(at: parent) { try $0.file(name, .pattern(size: size)) }
        }
    }

    /// Files of so many bytes each that are holes for the most part.
    package static func sparse(length: Int) -> Workload {
        let files = SparseFiles(length: length)
        let data = files.layouts.values.joined().reduce(0) { $0 + $1.count }
        let description = "\(files.layouts.count) sparse files of \(length >> 20) MiB with \(data >> 20) MiB of data"
        return Workload(
            description: description, files: files.layouts.count, entries: 1 + files.layouts.count,
            footprint: data + 4096, make: { try files.build(at: $0) })
    }

    /// As many small files of various sizes, in folders of twenty.
    package static func few(_ count: Int) -> Workload {
        let folders = (count + 19) / 20
        return Workload(
            description: "\(count) files up to 64 KiB", files: count, entries: 1 + folders + count,
            footprint: count << 15
        ) { path in
            var random = SplitMix64(seed: 1)
            try TreeBuilder.build(at: path) { tree in
                for index in 0..<count {
                    let size = random.number(in: 1...1 << random.number(in: 5...16))
                    try tree.file("\(index / 20)/\(index)", .pattern(size: size, seed: UInt64(index)))
                }
            }
        }
    }
}
