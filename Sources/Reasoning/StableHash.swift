/// A hash that never changes, on any machine.
///
/// It is FNV-1a over UTF-8 (64 bits), followed by the finalizer of SplitMix64, because the low bits of FNV-1a are too regular to
/// split by.
package enum StableHash {
    package static func hash(_ text: String) -> UInt64 {
        var state: UInt64 = 0xCBF2_9CE4_8422_2325
        for byte in text.utf8 { state = (state ^ UInt64(byte)) &* 0x100_0000_01B3 }
        return mixed(state)
    }

    /// The finalizer of SplitMix64: one to one, and every bit of the result depends on every bit of the input.
    package static func mixed(_ value: UInt64) -> UInt64 {
        var state = value
        state = (state ^ (state >> 30)) &* 0xBF58_476D_1CE4_E5B9
        state = (state ^ (state >> 27)) &* 0x94D0_49BB_1331_11EB
        return state ^ (state >> 31)
    }

    /// 16 hexadecimal digits.
    package static func hexadecimal(_ value: UInt64) -> String {
        let digits = String(value, radix: 16)
        return String(repeating: "0", count: 16 - digits.count) + digits
    }
}
