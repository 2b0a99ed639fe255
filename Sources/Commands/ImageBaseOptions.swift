import ArgumentParser
import Image
import JSON
import NixClosure
import SystemCalls

/// What an image begins with, and what it says of itself.
struct ImageBaseOptions: ParsableArguments {
    private static let timeVariable = "SOURCE_DATE_EPOCH"

    @Option(
        help: ArgumentHelp(
            "An image that this one is on top of: oci:DIR[:TAG], oci-archive:FILE[:TAG] or "
                + "docker-archive:FILE[:NAME:TAG].",
            valueName: "where"))
    var base: String?

    @Option(
        help: ArgumentHelp(
            "A configuration as JSON: an image's, or its config object; - for standard input. Options take the place "
                + "of what it says.",
            valueName: "file"), completion: .file())
    var config: String?

    @Option(
        help: ArgumentHelp(
            "When it says that it was made: now, RFC 3339, or seconds since 1970; otherwise SOURCE_DATE_EPOCH, or 1.",
            valueName: "time"))
    var created: String?

    @Option(
        help: ArgumentHelp(
            "Architecture of the image, such as amd64 or arm/v7; otherwise that of the closure's programs.",
            valueName: "arch[/variant]"))
    var arch: String?

    mutating func validate() throws {
        if let base {
            switch ImageReference(base) {
            case .layout, .layoutArchive, .dockerArchive: break
            case .dockerDaemon, nil:
                throw ValidationError(
                    "--base takes oci:DIR[:TAG], oci-archive:FILE[:TAG] or docker-archive:FILE[:NAME:TAG], not "
                        + "'\(base)'"
                        + ImageReference.remedy(for: base))
            }
        }
        if let created, created != "now", ImageMoment(created) == nil {
            throw ValidationError(
                "--created takes now, a time such as 2026-01-31T12:00:00Z, or seconds since 1970, not '\(created)'")
        }
        if let arch, Platform(argument: arch) == nil {
            throw ValidationError(
                "--arch takes one of \(Architecture.known.joined(separator: ", ")), alone or with a variant as in arm/v7, "
                    + "not '\(arch)'")
        }
        _ = try moment(nil)
    }

    /// nil without --config.
    func written() throws -> JSONValue? { try config.map { try WrittenConfiguration(reading: Path($0)).json } }

    /// What the user says counts, on the command line before a file and that before the environment.
    func moment(_ written: JSONValue?) throws -> ImageMoment {
        if created == "now" { return ImageMoment(seconds: wallClock().seconds) ?? .first }
        if let moment = created.flatMap({ ImageMoment($0) }) { return moment }
        if let moment = written?["created"]?.string.flatMap({ ImageMoment($0) }) { return moment }
        guard let text = ProcessState.variable(Self.timeVariable), !text.isEmpty else { return .first }
        guard let moment = Int64(text).flatMap({ ImageMoment(seconds: $0) }) else {
            throw ValidationError("\(Self.timeVariable) holds seconds since 1970, not '\(text)'")
        }
        return moment
    }
}
