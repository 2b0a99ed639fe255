// swift-tools-version: 6.2
import PackageDescription

let strict: [SwiftSetting] = [
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .treatAllWarnings(as: .error),
    .define("FAULT_INJECTION", .when(configuration: .debug)),
]

func module(_ name: String, _ dependencies: [Target.Dependency]) -> Target {
    .target(name: name, dependencies: dependencies, swiftSettings: strict)
}

func tests(_ name: String, _ others: [Target.Dependency]) -> Target {
    .testTarget(
        name: "\(name)Tests", dependencies: [.byName(name: name), "TestSupport"] + others, swiftSettings: strict)
}

let package = Package(
    name: "repot",
    products: [
        .executable(name: "repot", targets: ["repot"]),
        .library(name: "TreeCopy", targets: ["TreeCopy", "SystemCalls"]),
        .library(name: "Tar", targets: ["Tar", "SystemCalls"]),
        .library(name: "NixClosure", targets: ["NixClosure", "SystemCalls"]),
        .library(name: "Verification", targets: ["Verification", "Pruning", "NixClosure", "SystemCalls"]),
        .library(name: "Image", targets: ["Image", "Tar", "NixClosure", "SystemCalls"]),
        .library(name: "ImageVerification", targets: ["ImageVerification", "Image", "NixClosure", "SystemCalls"]),
        .library(name: "Rootfs", targets: ["Rootfs", "Pruning", "TreeCopy", "NixClosure", "SystemCalls"]),
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
        .package(url: "https://github.com/apple/swift-crypto", from: "4.5.2"),
    ],
    targets: [
        .target(name: "CLinux"),
        .target(name: "CEntry"),
        .systemLibrary(name: "CACL", providers: [.apt(["libacl1-dev", "libattr1-dev"])]),
        .systemLibrary(name: "CCompression", providers: [.apt(["libdeflate-dev", "libzstd-dev", "zlib1g-dev"])]),
        // Reads Nix's database; needs libsqlite3-dev. A system library cannot hold the C that opens it without a lock.
        .target(name: "CSQLite"),
        module("SystemCalls", ["CLinux", "CACL"]),
        module("FileTree", ["SystemCalls"]),
        module("TreeCopy", ["FileTree", "SystemCalls"]),
        module("Tar", ["FileTree", "SystemCalls", "CCompression"]),
        module("Nar", ["FileTree", "SystemCalls", .product(name: "Crypto", package: "swift-crypto")]),
        module("JSON", ["SystemCalls"]),
        module("References", ["FileTree", "SystemCalls"]),
        module("NixClosure", ["Nar", "References", "JSON", "FileTree", "SystemCalls", "CSQLite"]),
        module("Pruning", ["NixClosure", "Nar", "FileTree", "SystemCalls"]),
        module("Verification", ["Pruning", "NixClosure", "Nar", "References", "FileTree", "SystemCalls"]),
        module("Rootfs", ["Pruning", "TreeCopy", "NixClosure", "Nar", "FileTree", "SystemCalls"]),
        module(
            "Image",
            [
                "Tar", "NixClosure", "Nar", "JSON", "FileTree", "SystemCalls",
                .product(name: "Crypto", package: "swift-crypto"),
            ]),
        module("BillOfMaterials", ["Image", "NixClosure", "Nar", "JSON", "SystemCalls"]),
        module(
            "ImageVerification",
            [
                "Image", "Verification", "Pruning", "Tar", "NixClosure", "Nar", "JSON", "FileTree", "SystemCalls",
                .product(name: "Crypto", package: "swift-crypto"),
            ]),
        module(
            "Commands",
            [
                "Image", "ImageVerification", "BillOfMaterials", "Rootfs", "Verification", "Pruning", "NixClosure",
                "Nar", "JSON",
                "Tar", "TreeCopy",
                "FileTree", "SystemCalls",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
            ]),
        .executableTarget(
            name: "repot", dependencies: ["CEntry", "Commands"], exclude: ["share"], swiftSettings: strict),
        .target(name: "TestSupport", path: "Tests/TestSupport", swiftSettings: strict),
        tests("SystemCalls", []),
        tests("FileTree", ["SystemCalls"]),
        tests("TreeCopy", ["FileTree", "SystemCalls"]),
        .target(
            name: "StoreFixture", dependencies: ["NixClosure", "SystemCalls", "TestSupport"],
            path: "Tests/StoreFixture",
            swiftSettings: strict),
        tests("Tar", ["FileTree", "SystemCalls"]),
        tests("JSON", []),
        tests("Nar", ["SystemCalls"]),
        tests("References", ["SystemCalls"]),
        tests("NixClosure", ["Nar", "SystemCalls", "StoreFixture"]),
        tests("Verification", ["Pruning", "NixClosure", "Nar", "SystemCalls", "StoreFixture"]),
        tests("Rootfs", ["Pruning", "TreeCopy", "FileTree", "Nar", "NixClosure", "SystemCalls", "StoreFixture"]),
        tests("Image", ["JSON", "NixClosure", "SystemCalls", "StoreFixture", "Tar"]),
        tests("BillOfMaterials", ["Image", "JSON", "NixClosure", "StoreFixture", "SystemCalls"]),
        tests("ImageVerification", ["Image", "Tar", "JSON", "NixClosure", "Nar", "SystemCalls", "StoreFixture"]),
        tests("Commands", ["TreeCopy", "SystemCalls", "repot"]),
        .testTarget(
            name: "FuzzTests",
            dependencies: [
                "Commands", "ImageVerification", "Image", "Tar", "Pruning", "NixClosure", "JSON", "SystemCalls",
                "TestSupport",
            ],
            exclude: ["Corpus"], swiftSettings: strict),
    ],
    swiftLanguageModes: [.v6]
)
