import Measuring
import TestSupport
import Testing

@testable import Comparison

@Suite struct CatalogueTests {
    private func cases(_ options: String..., thresholds: Thresholds) throws -> [Case] {
        let settings = try Settings(options)
        let workshop = try Workshop(mayMount: false)
        return Catalogue(settings, Supplies(isQuick: settings.isQuick, in: workshop)).cases(thresholds)
    }

    private func thresholds() throws -> Thresholds {
        let path = try Settings([]).thresholds
        return try Thresholds(try #require(TextFile.read(path)))
    }

    @Test func everyThresholdIsReached() throws {
        let thresholds = try thresholds()
        let names = try cases(thresholds: thresholds).flatMap { job in
            job.contenders.dropFirst().map { "\(job.name) \($0.name)" }
        }
        #expect(Set(names).count == names.count)
        let others = thresholds.names.filter { $0.hasPrefix("docker-") || $0.hasPrefix("image-") }
        #expect(Set(thresholds.names).subtracting(names) == Set(others), "docker.sh and image.sh have these")
    }

    @Test func aQuickRunHasWhatHasAGateAndNothingElse() throws {
        let thresholds = try thresholds()
        let names = try cases("--quick", thresholds: thresholds).flatMap { job in
            job.contenders.dropFirst().map { (job.name, $0.name) }
        }
        #expect(!names.isEmpty)
        #expect(names.allSatisfy { thresholds[$0.0, $0.1]?.gate != nil })
    }

    @Test func casesAreChosenByTheBeginningOfTheirNames() throws {
        let names = try cases("--only", "xfs", thresholds: thresholds()).map(\.name)
        #expect(names == ["xfs-copy", "xfs-link", "xfs-reflink"])
    }
}
