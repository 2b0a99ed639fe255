import TestSupport

/// Packages of Debian together with all that they depend on, as apt chooses it for an empty machine.
struct PackageSet {
    /// Those that others depend on come first.
    let packages: [DebianPackage]
    /// The names of those that a package depends on; all of them come before it. Where packages depend on one
    /// another in a circle, one of these relations is left out, for store paths cannot do that.
    let dependencies: [String: [String]]

    /// How much it takes unpacked, by Debian's own account.
    var size: Int { packages.reduce(0) { $0 + $1.size } }

    /// All of the recipe, and as much of its reserve as it takes to reach the minimum.
    init(_ recipe: ClosureRecipe, from apt: Apt) throws {
        let names = try apt.offered(recipe.packages + recipe.reserve)
        let wanted = recipe.packages.filter(names.contains)
        let reserve = recipe.reserve.filter(names.contains)
        self.init(try apt.packages(for: wanted))
        for count in 1..<reserve.count + 1 where !isEnough(for: recipe) {
            self.init(try apt.packages(for: wanted + reserve.prefix(count)))
        }
    }

    /// One more path refers to all of them.
    private func isEnough(for recipe: ClosureRecipe) -> Bool {
        size >= recipe.minimum.bytes && packages.count + 1 >= recipe.minimum.paths
    }

    init(_ packages: [DebianPackage]) {
        var order = DependencyOrder(packages)
        for package in packages.sorted(by: { $0.name < $1.name }) { order.visit(package) }
        (self.packages, dependencies) = (order.packages, order.dependencies)
    }
}

/// Goes through packages depth first.
private struct DependencyOrder {
    private(set) var packages: [DebianPackage] = []
    /// Of those gone through.
    private(set) var dependencies: [String: [String]] = [:]
    private let named: [String: DebianPackage]
    private let providers: [String: String]
    private var begun: Set<String> = []

    init(_ packages: [DebianPackage]) {
        named = Dictionary(packages.map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first })
        let provided = packages.flatMap { package in package.provided.map { ($0, package.name) } }
        providers = Dictionary(provided, uniquingKeysWith: min)
    }

    mutating func visit(_ package: DebianPackage) {
        guard begun.insert(package.name).inserted else { return }
        let needed = Set(package.dependencies.compactMap(choice)).subtracting([package.name]).sorted()
        for name in needed { if let other = named[name] { visit(other) } }
        // What is begun but not gone through waits for this package itself.
        dependencies[package.name] = needed.filter { dependencies[$0] != nil }
        packages.append(package)
    }

    /// Which of the alternatives is there.
    private func choice(_ alternatives: [String]) -> String? {
        alternatives.lazy.compactMap { named[$0]?.name ?? providers[$0] }.first
    }
}
