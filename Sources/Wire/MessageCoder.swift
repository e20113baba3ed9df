/// Messages of the control port as frames and back: a JSON header, then raw little-endian arrays.
///
/// Decoding is strict and bounded: exactly the frames a kind has, sizes checked before anything is allocated, a nesting
/// limit, no unknown or repeated key, nothing behind the end. Whatever arrives, it yields a message or a `WireError`.
package enum MessageCoder {}
