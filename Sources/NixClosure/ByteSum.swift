extension Sequence<UInt64> {
    /// Their sum, or the largest number there is: a document may claim sizes that nothing has.
    package var byteSum: UInt64 { reduce(0) { $0.cappedSum($1) } }
}

extension UInt64 {
    func cappedSum(_ other: UInt64) -> UInt64 {
        let (sum, isTooLarge) = addingReportingOverflow(other)
        return isTooLarge ? .max : sum
    }
}
