import Foundation

/// Finds a key that a JSON object has twice.
///
/// Foundation takes the first of them and Python the last: such a file would mean one thing here and another in transformers.
enum RepeatedKey {
    /// The first repeated key of well-formed JSON; nil when there is none.
    static func first(in json: Data) -> String? {
        json.withUnsafeBytes { first(in: $0) }
    }

    private static func first(in bytes: UnsafeRawBufferPointer) -> String? {
        /// Keys so far of each object around this place; nil for an array.
        var around: [Set<String>?] = []
        var isKeyDue = false
        var at = 0
        while at < bytes.count {
            switch bytes[at] {
            case UInt8(ascii: "{"):
                around.append([])
                isKeyDue = true
            case UInt8(ascii: "["):
                around.append(nil)
                isKeyDue = false
            case UInt8(ascii: "}"), UInt8(ascii: "]"):
                around.removeLast(around.isEmpty ? 0 : 1)
                isKeyDue = false
            case UInt8(ascii: ","): isKeyDue = around.last.map { $0 != nil } ?? false
            case UInt8(ascii: "\""):
                let start = at
                at += 1
                while at < bytes.count, bytes[at] != UInt8(ascii: "\"") {
                    at += bytes[at] == UInt8(ascii: "\\") ? 2 : 1
                }
                if isKeyDue {
                    let key = text(bytes[start..<min(at + 1, bytes.count)])
                    guard around[around.count - 1]?.insert(key).inserted ?? true else { return key }
                    isKeyDue = false
                }
            default: break
            }
            at += 1
        }
        return nil
    }

    /// A string without its quotes, its escapes undone.
    private static func text(_ quoted: Slice<UnsafeRawBufferPointer>) -> String {
        let plain = String(decoding: quoted.dropFirst().dropLast(), as: UTF8.self)
        guard plain.contains("\\") else { return plain }
        return (try? JSONDecoder().decode(String.self, from: Data(quoted))) ?? plain
    }
}
