/// Messages of the control port as frames and back: a JSON header, then raw little-endian arrays.
///
/// Decoding is strict and bounded: the exact number of frames of a kind, sizes checked before anything is
/// allocated, a nesting limit, no unknown or repeated key, nothing after the end. Any input gives a message
/// or a `WireError`.
package enum MessageCoder {}
