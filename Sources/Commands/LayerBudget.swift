import ArgumentParser
import Image

/// The number of layers that an image may have for the store paths that its base lacks.
struct LayerBudget {
    let layers: Int

    /// - Parameters:
    ///   - limit: the maximum number of layers that repot adds.
    ///   - base: the number of layers of the base.
    ///   - others: the number of layers that repot adds for other purposes.
    ///   - isComplete: whether the base has all store paths.
    /// - Throws: a usage error if no layer is left for the store paths.
    init(limit: Int, base: Int, others: Int, isComplete: Bool, _ reference: ImageReference) throws {
        let required = others + (isComplete ? 0 : 1)
        guard base + required <= reference.mostLayers else {
            throw ValidationError(
                "the base has \(base.counted("layer")), the image adds at least \(required), and an image "
                    + "\(reference.isForDocker ? "for Docker " : "")has at most \(reference.mostLayers); use a base "
                    + "with fewer layers")
        }
        guard required <= limit else {
            throw ValidationError(
                "--max-layers \(limit) is too small: \(others.counted("layer")) for entries outside the store and for "
                    + "removals, and one for the store paths; use --max-layers \(required)")
        }
        layers = min(limit, reference.mostLayers - base) - others
    }
}
