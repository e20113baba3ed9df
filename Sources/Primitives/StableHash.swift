/// A hash that is the same on every machine and with every version of Swift; not for secrets.
///
/// FNV-1a (64 bits) over UTF-8, then the finalizer of SplitMix64, because FNV's low bits are too regular to split by.
package enum StableHash {
    package static func hash(_ text: String) -> UInt64 {
        var state: UInt64 = 0xCBF2_9CE4_8422_2325
        for byte in text.utf8 { state = (state ^ UInt64(byte)) &* 0x100_0000_01B3 }
        return SplitMix64.mixed(state)
    }

    /// The hash as 16 hexadecimal digits.
    package static func hexadecimal(_ text: String) -> String { Hexadecimal.text(of: hash(text)) }
}
