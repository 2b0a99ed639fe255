import SystemCalls

/// When an image says that it was made: at time 1, as all that repot adds, unless the user's SOURCE_DATE_EPOCH says
/// otherwise, so that the same closure is the same image.
enum ImageTime {
    /// Source: reproducible-builds.org, SOURCE_DATE_EPOCH. docker takes it from its environment as a build argument,
    /// from buildx 0.10 and Docker 24 on.
    private static let variable = "SOURCE_DATE_EPOCH"

    /// A variable that is there but empty asks for the time of the build.
    static func setDefault() { ProcessState.setDefault(variable, "1") }

    /// What podman and buildah want instead: few of them know the variable. Source: podman-build(1).
    static func options(of builder: String, _ arguments: [String]) -> [String] {
        let takesOption = ["podman", "buildah"].contains(Path(builder).lastComponent)
        let isGiven = arguments.contains { $0.hasPrefix("--timestamp") || $0.hasPrefix("--source-date-epoch") }
        guard takesOption, !isGiven, let time = ProcessState.variable(variable), !time.isEmpty else { return [] }
        return ["--timestamp", time]
    }
}
