import TestSupport
import Testing

@testable import Inputs

@Suite struct PackageSetTests {
    private static let paragraphs = [
        "Package: program\nVersion: 2:1.0~rc1\nArchitecture: amd64\nInstalled-Size: 10\nDepends: mail | none, libc (>= 2)",
        "Package: libc\nVersion: 2\nArchitecture: amd64\nDepends: libgcc\nDescription: a\n Depends: nothing",
        "Package: libgcc\nVersion: 3\nArchitecture: amd64\nPre-Depends: base:any (= 3), libc",
        "Package: base\nVersion: 3\nArchitecture: all",
        "Package: postman\nVersion: 4\nArchitecture: all\nProvides: mail (= 4), post",
    ]

    private let set = PackageSet(Self.paragraphs.compactMap { DebianPackage($0[...]) })

    @Test func archiveIsNamedAsAptDoes() {
        #expect(set.packages.map(\.archive).contains("program_2%3a1.0~rc1_amd64.deb"))
        #expect(set.size == 10 << 10)
    }

    @Test func dependenciesComeFirst() {
        var seen: Set<String> = []
        for package in set.packages {
            #expect(seen.isSuperset(of: set.dependencies[package.name] ?? []))
            seen.insert(package.name)
        }
        #expect(seen.count == 5)
    }

    @Test func alternativesAndProvidersAreFound() {
        #expect(set.dependencies["program"] == ["libc", "postman"])
    }

    @Test func circlesAreCutOnce() {
        #expect(set.dependencies["libgcc"] == ["base"])
        #expect(set.dependencies["libc"] == ["libgcc"])
    }

    @Test func expressionHasEveryPackage() {
        let text = ClosureExpression("top", set, archives: "/archives").text
        #expect(text.contains(#"package "program-2-1.0-rc1" "/archives/program_2%3a1.0~rc1_amd64.deb""#))
        #expect(text.contains(#"build "top" [ p0 p1 p2 p3 p4 ]"#))
    }
}
