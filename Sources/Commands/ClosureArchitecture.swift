import Image
import NixClosure
import SystemCalls

/// What a closure's programs run on, as their ELF headers say.
struct ClosureArchitecture {
    /// As many as the kernel follows. Source: path_resolution(7).
    private static let mostLinks = 40

    let store: Store

    /// That of the program, else of the first one in a root's bin/; nil where there is none.
    func find(_ program: String?, _ roots: [StorePath]) -> String? {
        if let program, program.hasPrefix("/"), let found = architecture(of: Path(program)) { return found }
        for root in roots {
            let folder = store.path(of: root).appending("bin")
            for name in names(in: folder) {
                if let found = architecture(of: folder.appending(name)) { return found }
            }
        }
        return nil
    }

    private func names(in folder: Path) -> [Name] {
        guard let place = followed(folder), let directory = try? Directory.current.openDirectory(Name(place)) else {
            return []
        }
        var entries = DirectoryEntries(capacity: 32768)
        var names: [Name] = []
        while (try? entries.read(from: directory)) == true { entries.forEach { names.append($0.name) } }
        return names.sorted()
    }

    /// A script's is that of its interpreter.
    private func architecture(of path: Path, scripts: Int = 3) -> String? {
        guard let place = followed(path), let beginning = beginning(of: place) else { return nil }
        if let found = Architecture.of(elf: beginning) { return found }
        guard scripts > 0, beginning.starts(with: "#!".utf8) else { return nil }
        let line = beginning.dropFirst(2).prefix { $0 != UInt8(ascii: "\n") }
        guard let interpreter = line.split(separator: UInt8(ascii: " ")).first else { return nil }
        return architecture(of: Path(interpreter), scripts: scripts - 1)
    }

    /// A path of the kernel's length at most stands in a script's first line. Source: execve(2).
    private func beginning(of place: Path) -> [UInt8]? {
        guard let file = try? Directory.current.openFile(Name(place)),
            (try? file.metadata())?.kind == .regular
        else { return nil }
        return withUnsafeTemporaryAllocation(byteCount: 256, alignment: 1) { buffer in
            (try? file.read(into: buffer, at: 0)).map { Array(buffer[..<$0]) }
        }
    }

    /// Where a path of the image leads to on this machine: links in a store below another root lead into that.
    private func followed(_ path: Path) -> Path? {
        var pending = path.components
        var place: Path = "/"
        var links = 0
        while !pending.isEmpty {
            let next = pending.removeFirst()
            let candidate = next == ".." ? place.parent : place.appending(next)
            guard next != "..", let target = try? Directory.current.readLink(Name(store.physical(candidate))) else {
                place = candidate
                continue
            }
            links += 1
            if links > Self.mostLinks { return nil }
            let way = Path(target.bytes)
            if way.isAbsolute { place = "/" }
            pending = way.components + pending
        }
        return store.physical(place)
    }
}
