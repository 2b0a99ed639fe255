import Glibc
import Inputs
import Measuring
import TestSupport

extension Workload {
    /// A tree of small files of about 1 KiB, a hundred in each folder.
    static func files(_ count: Int) -> Workload {
        Workload(description: "\(grouped(count)) files of about 1 KiB", footprint: count << 12 + count * 41) { path in
            try TreeBuilder.build(at: path) { tree in
                for index in 0..<count {
                    let content = FileContent.pattern(size: 512 + index * 37 % 1024, seed: UInt64(index))
                    try tree.file("\(index / 10_000)/\(index / 100 % 100)/\(index)", content)
                }
            }
        }
    }
}

extension Contender {
    /// The program beside this one that makes only the calls that the task cannot do without; it keeps neither
    /// owners nor attributes.
    static func floor(_ program: ByteString, _ task: ByteString) -> Contender {
        let threads = ByteString("\(max(2, Machine().cores))")
        return Contender(
            "floor", [program, task, threads], loses: [.mode, .owner, .group, .xattrs, .acls, .links, .holes],
            links: task == "link")
    }
}
