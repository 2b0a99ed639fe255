import ArgumentParser
import SystemCalls
import TreeCopy

/// The options on what a closure command tells.
struct OutputOptions: ParsableArguments {
    @Option(
        help: "A bar with files, bytes, rate and time left: auto, always or never.",
        completion: .list(["auto", "always", "never"]))
    var progress = "auto"

    @Flag(name: .shortAndLong, help: "Say nothing but errors.")
    var quiet = false

    @Flag(name: .shortAndLong, help: "Name each entry.")
    var verbose = false

    @Flag(help: "Report as JSON on standard output, or on standard error where an archive goes there.")
    var json = false

    @Flag(help: "Say how content got there, and why not otherwise.")
    var explain = false

    mutating func validate() throws {
        guard ["auto", "always", "never"].contains(progress) else {
            throw ValidationError("--progress takes auto, always or never, not '\(progress)'")
        }
    }

    var display: Display {
        var display = Display()
        display.progress = progress == "always" ? .always : progress == "never" ? .never : .auto
        display.isQuiet = quiet
        display.isVerbose = verbose
        display.isJSON = json
        display.explains = explain
        return display
    }
}
