import Image
import JSON
import Rootfs
import SystemCalls

/// Finds the reasons why a container of an image cannot start, without starting one. Settings that only the
/// base image has are not checked.
struct StartCheck {
    /// The files whose content the check needs.
    static let contents: Set<Path> = ["etc/passwd", "etc/group"]
    /// The PATH of an image that sets none. Source: moby, oci/defaults.go, 'DefaultPathEnv'.
    private static let defaultPath = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"

    private var files: ContainerFiles
    private let settings: JSONValue
    /// The settings without those of the base.
    private let own: JSONValue
    private let base: JSONValue?

    init(_ configuration: ImageConfiguration, _ files: ContainerFiles) {
        self.files = files
        settings = configuration.process
        base = configuration.base
        var configuration = configuration
        configuration.base = nil
        own = configuration.process
    }

    /// The reasons, each a sentence for people.
    mutating func warnings() throws -> [String] {
        try [triggers, command(), user()].compactMap(\.self)
    }

    private var triggers: String? {
        guard base?["config"]?["OnBuild"]?.elements?.isEmpty == false, let first = settings["OnBuild"]?.texts.first
        else { return nil }
        return "the ONBUILD triggers of the base, such as '\(first)', are not run now, but by the next build on this "
            + "image; clear them with \"OnBuild\": [] in --config"
    }

    private mutating func command() throws -> String? {
        let entrypoint = settings["Entrypoint"]?.texts ?? []
        guard let program = (entrypoint + (settings["Cmd"]?.texts ?? [])).first, !program.isEmpty else {
            return "the image has no command; pass --entrypoint or --cmd, or name a command when it is run"
        }
        if own[entrypoint.isEmpty ? "Cmd" : "Entrypoint"] == nil { return nil }
        switch try find(program) {
        case .absent:
            let location = Self.isPath(program) ? "the image" : "a directory of PATH in the image"
            return "the command '\(program)' is not in \(location); the image cannot start without it"
        case .directory: return "the command '\(program)' is a directory; the image cannot start"
        case .regular(isExecutable: false, _):
            return "the command '\(program)' is not executable; the image cannot start"
        case .regular, .unknown: return nil
        }
    }

    private static func isPath(_ program: String) -> Bool { program.utf8.contains(Path.slash) }

    /// Finds a program as execvp(3) does.
    private mutating func find(_ program: String) throws -> ContainerFiles.File {
        let directory = settings["WorkingDir"]?.string ?? "/"
        if Self.isPath(program) { return try files.resolve(Path(program), in: Path(directory)) }
        let variable = settings["Env"]?.texts.last { $0.startsWithBytes(of: "PATH=") }
        let path = variable.map { $0.split(atFirst: "=")[1] } ?? Self.defaultPath
        var found = ContainerFiles.File.absent
        for element in path.utf8.split(separator: UInt8(ascii: ":")) {
            switch try files.resolve(Path(Array(element)).appending(Path(program)), in: Path(directory)) {
            case .absent, .directory: continue
            case .regular(isExecutable: false, let content): found = .regular(isExecutable: false, content: content)
            case .regular(isExecutable: true, let content): return .regular(isExecutable: true, content: content)
            case .unknown: return .unknown
            }
        }
        return found
    }

    /// Names of users and groups are looked up in the image, numbers are not. Source: OCI image specification,
    /// config.md, 'User'.
    private mutating func user() throws -> String? {
        guard let user = settings["User"]?.string, !user.isEmpty else { return nil }
        let names = user.split(atFirst: ":")
        for (name, file) in zip(names, ["etc/passwd", "etc/group"] as [Path]) where UInt32(name) == nil {
            if own["User"] == nil, !files.isAdded(file) { continue }
            guard case .some(let isListed) = try lists(name, file), !isListed else { continue }
            let kind = file == "etc/passwd" ? "user" : "group"
            return
                "the \(kind) '\(name)' is not in '/\(file)' of the image; a container cannot start without it; use a "
                + "number, or add the file"
        }
        return nil
    }

    /// Whether the file has a line for the name; nil if its content is unknown. Sources: passwd(5), group(5).
    private mutating func lists(_ name: String, _ file: Path) throws -> Bool? {
        switch try files.resolve(file) {
        case .regular(_, let content):
            guard let content = try content() else { return nil }
            return content.split(separator: UInt8(ascii: "\n")).contains { line in
                line.prefix { $0 != UInt8(ascii: ":") }.elementsEqual(name.utf8)
            }
        case .absent, .directory: return false
        case .unknown: return nil
        }
    }
}

extension JSONValue {
    fileprivate var texts: [String] { (elements ?? []).compactMap(\.string) }
}
