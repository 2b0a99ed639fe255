import SystemCalls

/// What a text in an image's configuration has to be, whoever wrote it.
enum ConfigurationRule {
    /// An absolute path.
    case folder
    /// USER[:GROUP].
    case user
    case signal
    case port
    /// NAME=VALUE.
    case variable

    /// For people.
    var words: String {
        switch self {
        case .folder: "an absolute path"
        case .user: "USER[:GROUP], names or numbers"
        case .signal: "a name such as SIGTERM, or a number from 1 to 64"
        case .port: "a number from 1 to 65535, with /tcp, /udp or /sctp or without"
        case .variable: "NAME=VALUE"
        }
    }

    func holds(for text: String) -> Bool {
        switch self {
        case .folder: text.startsWithBytes(of: "/")
        case .user: Self.isUser(text)
        // Swift takes the Kelvin sign for K.
        case .signal: text.utf8.allSatisfy { $0 < 0x80 } && Self.isSignal(text)
        case .port: Self.isPort(text)
        case .variable: Self.isVariable(text)
        }
    }

    private static func isVariable(_ text: String) -> Bool {
        let parts = text.split(atFirst: "=")
        return parts.count == 2 && !parts[0].isEmpty
    }

    /// Source: OCI image specification, config.md, 'User'.
    private static func isUser(_ text: String) -> Bool {
        let parts = text.utf8.split(separator: UInt8(ascii: ":"), omittingEmptySubsequences: false)
        return parts.count <= 2
            && parts.allSatisfy { part in !part.isEmpty && part.allSatisfy { $0 > 0x20 && $0 != 0x7f } }
    }

    /// Sources: OCI image specification, config.md, 'StopSignal'; signal(7).
    private static func isSignal(_ text: String) -> Bool {
        if let number = number(text) { return (1...64).contains(number) }
        let names = Set(
            ("HUP INT QUIT ILL TRAP ABRT BUS FPE KILL USR1 SEGV USR2 PIPE ALRM TERM STKFLT CHLD CONT STOP TSTP TTIN "
                + "TTOU URG XCPU XFSZ VTALRM PROF WINCH IO PWR SYS RTMIN RTMAX").split(separator: " ").map {
                    "SIG\($0)"
                })
        let parts = text.split(separator: text.hasPrefix("SIGRTMIN") ? "+" : "-", omittingEmptySubsequences: false)
        guard let name = parts.first, names.contains(String(name)) else { return false }
        if parts.count == 1 { return true }
        return name.hasPrefix("SIGRTM") && parts.count == 2 && number(parts[1]).map { (1...30).contains($0) } ?? false
    }

    private static func isPort(_ text: String) -> Bool {
        let parts = text.split(separator: "/", omittingEmptySubsequences: false)
        guard let number = parts.first.flatMap(number), (1...65535).contains(number) else { return false }
        return parts.count == 1 || (parts.count == 2 && ["tcp", "udp", "sctp"].contains(parts[1]))
    }

    /// Digits alone, as people and Docker write them: no sign, and no zero before others.
    private static func number(_ text: some StringProtocol) -> Int? {
        guard text.utf8.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }), text.first != "0" else {
            return nil
        }
        return Int(text)
    }
}
