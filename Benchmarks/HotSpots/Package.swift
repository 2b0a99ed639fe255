// swift-tools-version: 6.2
import PackageDescription

let strict: [SwiftSetting] = [
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .treatAllWarnings(as: .error),
]

// A package of its own, for who only compares need not build repot's library and the tool that measures inside a
// process: together they take a minute. Sources/TreeBuilding is a link to the library that repot's tests build
// trees with, under a name that repot's package does not use.
//
// To run it: swift package --package-path Benchmarks/HotSpots benchmark
let package = Package(
    name: "repot-hot-spots",
    dependencies: [
        .package(name: "repot", path: "../.."),
        .package(url: "https://github.com/ordo-one/benchmark", from: "1.38.1", traits: []),
    ],
    targets: [
        .target(name: "TreeBuilding", swiftSettings: strict),
        .executableTarget(
            name: "HotSpots",
            dependencies: [
                "TreeBuilding",
                .product(name: "TreeCopy", package: "repot"),
                .product(name: "NixClosure", package: "repot"),
                .product(name: "Rootfs", package: "repot"),
                .product(name: "Tar", package: "repot"),
                .product(name: "Benchmark", package: "benchmark"),
            ],
            path: "Benchmarks/HotSpots",
            swiftSettings: strict,
            plugins: [.plugin(name: "BenchmarkPlugin", package: "benchmark")]),
    ],
    swiftLanguageModes: [.v6]
)
