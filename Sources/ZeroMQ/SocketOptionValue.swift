import Primitives

/// A Swift value of a socket option.
package protocol SocketOptionValue: Sendable {
    /// The largest value, bytes.
    static var optionCapacity: Int { get }
    /// The value in libzmq's form.
    var optionBytes: [UInt8] { get }
    /// The value from libzmq's form, nil when the bytes are malformed.
    init?(optionBytes: [UInt8])
}

extension SocketOptionValue where Self: FixedWidthInteger {
    package static var optionCapacity: Int { MemoryLayout<Self>.size }
    package var optionBytes: [UInt8] { withUnsafeBytes(of: self) { [UInt8]($0) } }

    package init?(optionBytes: [UInt8]) {
        guard optionBytes.count == MemoryLayout<Self>.size else { return nil }
        self = optionBytes.withUnsafeBytes { $0.loadUnaligned(as: Self.self) }
    }
}

extension Int32: SocketOptionValue {}
extension Int64: SocketOptionValue {}

extension Bool: SocketOptionValue {
    package static var optionCapacity: Int { Int32.optionCapacity }
    package var optionBytes: [UInt8] { Int32(self ? 1 : 0).optionBytes }

    package init?(optionBytes: [UInt8]) {
        guard let number = Int32(optionBytes: optionBytes) else { return nil }
        self = number != 0
    }
}

/// Whole milliseconds, rounded up. libzmq's −1, no limit, cannot be set.
extension Duration: SocketOptionValue {
    package static var optionCapacity: Int { Int32.optionCapacity }
    package var optionBytes: [UInt8] { Int32(clamping: milliseconds).optionBytes }

    package init?(optionBytes: [UInt8]) {
        guard let milliseconds = Int32(optionBytes: optionBytes), milliseconds >= 0 else { return nil }
        self = .milliseconds(milliseconds)
    }
}

extension String: SocketOptionValue {
    package static var optionCapacity: Int { 1024 }
    package var optionBytes: [UInt8] { [UInt8](utf8) }

    package init?(optionBytes: [UInt8]) {
        self.init(validating: optionBytes.prefix { $0 != 0 }, as: UTF8.self)
    }
}
