public import Image
import JSON
public import NixClosure
import SystemCalls

/// Which packages an image holds, and what each depends on, in a form that scanners read.
///
/// It depends on the closure and the image alone, also its number: the same image has the same bill.
public struct BillOfMaterials: Sendable {
    /// The form.
    public enum Form: String, CaseIterable, Sendable {
        /// SPDX 2.3. Source: https://spdx.github.io/spdx-spec/v2.3/
        case spdx
        /// CycloneDX 1.5. Source: https://cyclonedx.org/docs/1.5/json/
        case cyclonedx

        /// Its media type, as registered with IANA.
        public var mediaType: String {
            switch self {
            case .spdx: "application/spdx+json"
            case .cyclonedx: "application/vnd.cyclonedx+json"
            }
        }
    }

    let graph: ClosureGraph
    let store: Store
    /// The image's manifest.
    let manifest: Digest
    /// When the image was made: RFC 3339, in UTC.
    let created: String
    /// The program that writes it.
    let tool: (name: String, version: String)

    /// A bill of an image that holds this closure.
    public init(
        of graph: ClosureGraph, in store: Store, manifest: Digest, created: String,
        tool: (name: String, version: String)
    ) {
        self.graph = graph
        self.store = store
        self.manifest = manifest
        self.created = created
        self.tool = tool
    }

    /// The bill as a document.
    public func document(_ form: Form) -> [UInt8] {
        // The number is that of the document without one.
        let digest = Digest(of: text(form, number: ""))
        return text(form, number: Self.number(digest))
    }

    /// What the image is of: its name would tell where it was written first, and nothing of what is in it.
    var name: String {
        let names = graph.roots.prefix(3).map(\.name).joined(separator: ", ")
        return graph.roots.count > 3 ? "\(names) and \(graph.roots.count - 3) more" : names
    }

    private func text(_ form: Form, number: String) -> [UInt8] {
        switch form {
        case .spdx: Array(spdx(number).text.utf8)
        case .cyclonedx: Array(cycloneDX(number).text.utf8)
        }
    }

    /// A UUID of version 8, whose bits are free. Source: RFC 9562, 5.8.
    private static func number(_ digest: Digest) -> String {
        let digits = Array(digest.hex)
        let part = { (range: Range<Int>) in String(digits[range]) }
        return "urn:uuid:\(part(0..<8))-\(part(8..<12))-8\(part(13..<16))-8\(part(17..<20))-\(part(20..<32))"
    }

    /// What each refers to, itself left out.
    func dependencies(of info: PathInfo) -> [StorePath] { info.references.filter { $0 != info.path } }
}
