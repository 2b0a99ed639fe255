import SystemCalls

extension CopyOptions {
    /// The attributes of an open source that are to be kept. An ACL that equals the mode is left out, since losing it
    /// where the destination has no ACLs is no loss. Source: acl_equiv_mode(3).
    ///
    /// - Parameter report: called for each failure to read attributes. Where losses are tolerated, ACLs still count.
    func attributes(
        of file: borrowing some OpenFile & ~Copyable, report: (Failure) -> Void
    ) -> [ExtendedAttribute] {
        guard keepsAttributes else { return [] }
        let reading = file.attributes(where: isKept)
        reportFailures(of: reading, report)
        var attributes = reading.values
        if let index = attributes.firstIndex(where: { $0.name == .accessACL }), file.accessACLEqualsMode {
            attributes.remove(at: index)
        }
        return attributes
    }

    /// The attributes of an entry that cannot be opened.
    func attributes(of name: Name, in directory: Directory, report: (Failure) -> Void) -> [ExtendedAttribute] {
        guard keepsAttributes else { return [] }
        let reading = directory.attributes(of: name, where: isKept)
        reportFailures(of: reading, report)
        return reading.values
    }

    private var keepsAttributes: Bool { !preserve.isDisjoint(with: [.attributes, .mode]) }

    private func isKept(_ name: AttributeName) -> Bool {
        switch name.copyPolicy {
        case .permissions: preserve.contains(.mode)
        case .copy, .ifPossible: preserve.contains(.attributes)
        case .skip: false
        }
    }

    private func reportFailures(of reading: AttributeReading, _ report: (Failure) -> Void) {
        for failure in reading.failures where !isTolerated(failure) {
            report(.failed(.readAttributes, failure.errno, .source))
        }
    }

    /// GNU cp takes these errnos for a file system without ACLs. Source: gnulib, acl_errno_valid.
    private func isTolerated(_ failure: AttributeReading.Failure) -> Bool {
        guard failure.name?.copyPolicy == .permissions else { return toleratesLostAttributes }
        return actsAsGNU && [.notImplemented, .invalid, .busy].contains(failure.errno)
    }
}
