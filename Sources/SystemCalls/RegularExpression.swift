import Glibc

/// A POSIX extended regular expression. Source: regex(7).
package final class RegularExpression {
    private var compiled = regex_t()

    /// Why a text is no expression, in the C library's words.
    package struct Failure: Error { package let message: String }

    /// regcomp(3).
    package init(_ text: String) throws(Failure) {
        let status = regcomp(&compiled, text, REG_EXTENDED | REG_NOSUB)
        guard status != 0 else { return }
        var message = [CChar](repeating: 0, count: 256)
        regerror(status, &compiled, &message, message.count)
        throw Failure(message: String(decoding: message.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self))
    }

    deinit { regfree(&compiled) }

    /// regexec(3): whether it occurs anywhere in the text.
    package func occurs(in text: String) -> Bool { regexec(&compiled, text, 0, nil, 0) == 0 }
}
