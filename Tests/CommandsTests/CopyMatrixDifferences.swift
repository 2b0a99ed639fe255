/// A difference from GNU cp that is meant to be.
struct KeptDifference: Sendable {
    /// As the documentation of Commands has it.
    let reason: String
    let covers: @Sendable (MatrixDifference) -> Bool

    static let all: [KeptDifference] = []
}
