// swift-tools-version: 6.2
import PackageDescription

let strict: [SwiftSetting] = [
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .treatAllWarnings(as: .error),
]

// repot is measured as users run it, as a program: nothing of it is linked in here. Sources/TestSupport is a
// link to the library that repot's tests build, read and compare trees with, for no product offers it.
let package = Package(
    name: "repot-benchmarks",
    products: [
        .executable(name: "compare", targets: ["compare"]),
        .executable(name: "count", targets: ["count"]),
        .executable(name: "floor", targets: ["floor"]),
        .executable(name: "small", targets: ["small"]),
    ],
    targets: [
        .target(name: "TestSupport", swiftSettings: strict),
        .target(name: "Measuring", dependencies: ["TestSupport"], swiftSettings: strict),
        .target(name: "Inputs", dependencies: ["Measuring", "TestSupport"], swiftSettings: strict),
        .target(name: "Counting", dependencies: ["Measuring", "TestSupport"], swiftSettings: strict),
        .target(name: "Plotting", dependencies: ["Measuring"], swiftSettings: strict),
        .target(
            name: "Comparison", dependencies: ["Inputs", "Measuring", "Plotting", "TestSupport"], swiftSettings: strict),
        .target(name: "SmallCopies", dependencies: ["Measuring", "TestSupport"], swiftSettings: strict),
        .executableTarget(
            name: "small", dependencies: ["Measuring", "SmallCopies", "TestSupport"], swiftSettings: strict),
        .executableTarget(name: "floor", swiftSettings: strict),
        .executableTarget(
            name: "count", dependencies: ["Counting", "Measuring", "TestSupport"], swiftSettings: strict),
        .executableTarget(name: "compare", dependencies: ["Comparison"], swiftSettings: strict),
        .testTarget(name: "InputsTests", dependencies: ["Inputs", "TestSupport"], swiftSettings: strict),
        .testTarget(name: "CountingTests", dependencies: ["Counting", "Measuring"], swiftSettings: strict),
        .testTarget(
            name: "ComparisonTests", dependencies: ["Comparison", "Inputs", "Measuring", "TestSupport"],
            swiftSettings: strict),
        .testTarget(
            name: "SmallCopiesTests", dependencies: ["Measuring", "SmallCopies", "TestSupport"],
            swiftSettings: strict),
        .testTarget(name: "PlottingTests", dependencies: ["Measuring", "Plotting"], swiftSettings: strict),
    ],
    swiftLanguageModes: [.v6]
)
