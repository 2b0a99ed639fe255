/// What a closure is made of.
package struct ClosureRecipe: Sendable {
    /// How much there is of something.
    struct Amount: Sendable, CustomStringConvertible {
        let paths: Int
        let files: Int
        let bytes: Int

        var description: String { "\(paths) paths, \(files) files, \(bytes >> 20) MiB" }

        func covers(_ other: Amount) -> Bool {
            paths >= other.paths && files >= other.files && bytes >= other.bytes
        }
    }

    /// Also the name of the store path that refers to all others.
    package let name: String
    /// Debian packages. They come with all that they depend on; a release that lacks one goes without.
    let packages: [String]
    /// What to add, one after the other, in a release where the packages are too few or too small.
    let reserve: [String]
    /// What the closure has at least.
    let minimum: Amount
}

extension ClosureRecipe {
    /// One program with its C library: what an image is often made for.
    package static let seed = ClosureRecipe(
        name: "seed", packages: ["restic"], reserve: ["age", "shellcheck"],
        minimum: Amount(paths: 5, files: 300, bytes: 25 << 20))

    /// An application in an interpreted language, with its tools.
    package static let application = ClosureRecipe(
        name: "application", packages: ["git", "perl", "python3", "python3-numpy", "restic", "ruby", "vim"],
        reserve: ["postgresql", "emacs-nox"],
        minimum: Amount(paths: 60, files: 9_000, bytes: 250 << 20))

    /// A desktop with compilers.
    package static let large = ClosureRecipe(
        name: "large",
        packages: [
            "default-jdk-headless", "g++", "gimp", "git", "golang", "libboost-dev", "libreoffice-writer",
            "python3-django", "python3-scipy", "python3-sympy", "r-base-core", "ruby", "vim",
        ],
        reserve: ["emacs-gtk", "texlive-latex-base", "clang", "octave"],
        minimum: Amount(paths: 300, files: 60_000, bytes: 2 << 30))
}
