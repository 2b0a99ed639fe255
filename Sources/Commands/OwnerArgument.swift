import SystemCalls

extension Ownership {
    /// UID:GID in numbers; nil for anything else, and for the numbers that mean "as it is" to chown(2).
    init?(argument: String) {
        let numbers = argument.split(separator: ":", omittingEmptySubsequences: false).map { UInt32($0) }
        guard numbers.count == 2, let user = numbers[0], let group = numbers[1], user != .max, group != .max
        else { return nil }
        self.init(user: user, group: group)
    }
}
