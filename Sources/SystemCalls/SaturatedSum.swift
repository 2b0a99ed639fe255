extension FixedWidthInteger {
    /// The sum, or the greatest number if the sum is greater: file systems and documents can claim any size.
    ///
    /// Public so that other modules can specialise it; it is called for each file.
    @inlinable public func addingSaturated(_ other: Self) -> Self {
        let (sum, isTooLarge) = addingReportingOverflow(other)
        return isTooLarge ? .max : sum
    }
}

extension Sequence where Element: FixedWidthInteger {
    /// The sum of all elements, or the greatest number if the sum is greater.
    package var saturatedSum: Element { reduce(0) { $0.addingSaturated($1) } }
}
