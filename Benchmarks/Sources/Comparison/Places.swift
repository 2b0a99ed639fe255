import Inputs
import TestSupport

/// Where one run finds what it is to copy, and where it is to put it.
struct Places {
    /// Where the workload was made: for a closure the root of its store, else the source itself.
    let root: ByteString
    /// What is to be copied.
    let source: ByteString
    /// Where the copy goes; nothing is there yet.
    let destination: ByteString
    /// A place for what the contender prepared, beside the destination and kept as long as the file system.
    let own: ByteString
    private let closure: Workload.Closure?

    init(root: ByteString, _ workload: Workload, destination: ByteString, own: ByteString) {
        (self.root, source) = (root, workload.subject(at: root))
        (self.destination, self.own, closure) = (destination, own, workload.closure)
    }

    /// The closure that is to be copied, for those that can copy nothing else.
    func requireClosure() throws -> Workload.Closure {
        guard let closure else { throw TestError("this can copy closures only") }
        return closure
    }
}
