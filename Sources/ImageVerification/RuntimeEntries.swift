import Image
import JSON
import SystemCalls

/// The entries that container runtimes add to the root file system of an image.
struct RuntimeEntries {
    /// Directories for mounts. Entries in them are compared all the same.
    private static let directories: Set<Path> = [
        "dev", "dev/mqueue", "dev/pts", "dev/shm", "etc", "proc", "run", "run/secrets", "sys",
    ]
    /// Empty files: those that mounts cover, and those by which programs recognise a container.
    private static let emptyFiles: Set<Path> = [
        ".dockerenv", "dev/console", "etc/hostname", "etc/hosts", "etc/resolv.conf", "run/.containerenv",
    ]
    /// Sources: moby, daemon/initlayer/setup_unix.go; podman, libpod/container_internal_linux.go.
    private static let symlinks: [Path: Path] = ["etc/mtab": "/proc/mounts"]

    private let workingDirectory: Path

    init(of image: StoredImage) {
        let directory = image.configuration["config"]?["WorkingDir"]?.string ?? ""
        workingDirectory = Path(joining: Path(directory).components)
    }

    func hasDirectory(_ path: Path) -> Bool { Self.directories.contains(path) || workingDirectory.hasPrefix(path) }

    func hasEmptyFile(_ path: Path) -> Bool { Self.emptyFiles.contains(path) }

    func hasSymlink(_ path: Path, to target: Path) -> Bool { Self.symlinks[path] == target }
}
